// The one way by which a text becomes markup in the dashboard: the templates that were compiled into it, which hold nothing that
// acts. A text that does is refused, whoever wrote it; the answer's policy sends every such text through here.
if (self.trustedTypes)
  trustedTypes.createPolicy("default", {
    createHTML: (html) =>
      /<\/?(?:script|style|iframe|frame|object|embed|portal|base|meta|link|math|foreignobject|animate\w*|set|use)\b|[\s"'/]on[a-z]+\s*=|\bsrcdoc\b|(?:javascript|vbscript|data)\s*:/i.test(html) ? null : html,
    // What a chat brings along for its files.
    createScriptURL: (address) => (/^\/(?:pkg\/files\.[0-9a-f]{16}|files)\.js$/.test(address) ? address : null),
  });
