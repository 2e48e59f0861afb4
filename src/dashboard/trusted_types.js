// The dashboard's default Trusted Types policy. The Content-Security-Policy header makes the browser pass every string
// that becomes markup through it. Compiled templates never contain active content, so any string that does is rejected,
// regardless of where it comes from.
if (self.trustedTypes)
  trustedTypes.createPolicy("default", {
    createHTML: (html) =>
      /<\/?(?:script|style|iframe|frame|object|embed|portal|base|meta|link|math|foreignobject|animate\w*|set|use)\b|[\s"'/]on[a-z]+\s*=|\bsrcdoc\b|(?:javascript|vbscript|data)\s*:/i.test(html) ? null : html,
    // The script that uploads files to a chat.
    createScriptURL: (address) => (/^\/(?:pkg\/files\.[0-9a-f]{16}|files)\.js$/.test(address) ? address : null),
  });
