// The default Trusted Types policy of the dashboard. The Content-Security-Policy header sends every string that becomes
// markup through it. Compiled templates contain nothing active, so a string with active content is rejected, wherever
// it comes from.
if (self.trustedTypes)
  trustedTypes.createPolicy("default", {
    createHTML: (html) =>
      /<\/?(?:script|style|iframe|frame|object|embed|portal|base|meta|link|math|foreignobject|animate\w*|set|use)\b|[\s"'/]on[a-z]+\s*=|\bsrcdoc\b|(?:javascript|vbscript|data)\s*:/i.test(html) ? null : html,
    // The script for a chat's file uploads.
    createScriptURL: (address) => (/^\/(?:pkg\/files\.[0-9a-f]{16}|files)\.js$/.test(address) ? address : null),
  });
