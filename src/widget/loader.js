// Jump-In's loader, the only part of Jump-In that runs in the host page. It draws a placeholder for the launcher,
// creates one iframe on our own origin, and tells it the page's URL, title, width, and consent status, the referrer, the
// campaign, whether there is input, and whether the visitor is busy. It passes on only those parts of URLs that the
// server keeps. It does not patch anything or read or store anything else, and it never throws.
(() => {
  // `currentScript` is empty in modules and with some optimizers.
  const script = document.currentScript || document.querySelector('script[src*="loader.js"][data-concierge],script[src*="loader.js?concierge"]');
  const log = (line) => console.info('Jump-In: ' + line);
  const source = script && script.src ? new URL(script.src) : 0;
  const key = source && (script.dataset.concierge || source.searchParams.get('concierge'));
  if (!key) return log('the script needs src="https://YOUR-HOST/loader.js?concierge=KEY".');
  const { origin } = source;
  // This symbol marks a document that already has a loader. A framework may have removed the element.
  const mark = Symbol.for('jumpin');
  const framed = top !== self;

  // URLs often contain secrets, so credentials, queries, and fragments never leave this page, except for fragments that
  // are routes. A referrer from the page's own origin is dropped.
  const bare = (address, own) => {
    if (!/^https?:/.test(address)) return '';
    const url = new URL(address);
    return url.origin === own ? '' : url.origin + url.pathname + (/^#!?\/[^?#\\]*/.exec(url.hash) || '');
  };

  const start = () => {
    // The script tag may be on the page twice, for example, in a template and in a tag manager.
    if (document[mark]) return document[mark] === key || log(`"${key}" is ignored, because a page can have only one concierge.`);
    document[mark] = key;
    const host = document.createElement('jumpin-concierge');
    const root = host.attachShadow({ mode: 'closed' });
    // Content security policies allow styles to be set this way.
    const put = (element, style) => { element.style.cssText = style; };
    const putHost = (style) => put(host, 'all:initial;position:fixed;z-index:2147483000;color-scheme:light dark;max-width:calc(100% - 24px);max-height:calc(100dvh - 24px);' + style);
    putHost('right:12px;bottom:12px;width:72px;height:72px');
    if (root.adoptedStyleSheets) {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync('@media print{:host{display:none!important}}');
      root.adoptedStyleSheets = [sheet];
    }
    const place = document.createElement('div');
    put(place, 'position:absolute;inset:8px;border-radius:50%;background:#8886');
    const frame = document.createElement('iframe');
    // The frame reads the referrer and the campaign from its name. Nothing else uses the name.
    const campaign = new URLSearchParams();
    for (const name of ['utm_source', 'utm_medium', 'utm_campaign', 'utm_term', 'utm_content']) campaign.set(name, (new URLSearchParams(location.search).get(name) || '').slice(0, 60));
    frame.name = bare(document.referrer, location.origin).slice(0, 512) + ' ' + campaign;
    frame.title = script.dataset.title || 'Chat';
    frame.setAttribute('sandbox', 'allow-scripts allow-same-origin allow-forms allow-popups allow-downloads');
    frame.referrerPolicy = 'strict-origin';
    put(frame, 'position:absolute;inset:0;width:100%;height:100%;border:0;color-scheme:light dark');
    frame.src = `${origin}/concierge/v1/frame?key=${encodeURIComponent(key)}`;
    root.append(place, frame);

    let port, answered, gone, consent = script.dataset.consent;
    const tell = (message) => port && port.postMessage(message);
    const tellConsent = () => { if (consent) tell({ consent: consent === 'granted' }); };
    const remove = () => {
      answered = gone = true;
      host.remove();
    };
    // The frame sends the host's style, which depends on what the frame shows.
    const receive = ({ data }) => {
      answered = true;
      place.remove();
      if (data.style) putHost(data.style);
      if (data.gone) remove();
      look();
    };
    const giveUp = () => {
      if (answered) return;
      remove();
      log(`no answer from ${origin}. This page's Content-Security-Policy lacks "frame-src ${origin}", or concierge "${key}" does not list ${self.origin === 'null' ? 'pages without an origin' : self.origin} among its sites, or the server is down.`);
    };

    // At first, the host is the last child of the body, because React and others ignore it there when they hydrate the
    // document. If it is removed, for example, because a site replaces its body on navigation, it is added outside the
    // body, then in the body again, and so on.
    let tries = 0;
    const attach = () => {
      if (gone || host.isConnected || tries > 20) return;
      const { documentElement, body } = document;
      if (!body) return;
      answered = false;
      listen();
      (tries++ % 2 ? documentElement : body).append(host);
    };

    const isField = (element) => !!element && (/^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName) || element.isContentEditable);
    // Returns whether a click in the middle of an element would reach it.
    const isOnTop = (element) => {
      const box = element.getBoundingClientRect();
      return element.contains(document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2));
    };
    // The visitor is busy if they are typing (even in another site's frame), or if they cannot click the card because a
    // dialog covers it or traps the focus.
    const isBusy = () => {
      let field = document.activeElement;
      while (field && field.shadowRoot) field = field.shadowRoot.activeElement;
      const foreign = field && field.tagName === 'IFRAME';
      if (foreign && document.hasFocus()) input();
      for (const dialog of document.querySelectorAll('[aria-modal=true]')) if (isOnTop(dialog)) return true;
      return isField(field) || foreign || !isOnTop(host);
    };

    let url, title, busy;
    const look = () => {
      soon = 0;
      try {
        attach();
        if (!answered) return;
        const [address, name, now] = [bare(location.href), document.title, isBusy()];
        if (now !== busy) tell({ typing: (busy = now) });
        if (url === address && title === name) return;
        tell({ url: (url = address), title: (title = name) });
      } catch { /* The page has replaced something that this code needs. */ }
    };
    // Routers set the title shortly after the URL. Wait briefly so that both are reported as one page, and so that this
    // script does not run too often on a page that changes constantly.
    let soon;
    const lookSoon = () => { soon ||= setTimeout(look, 60); };
    const watcher = new MutationObserver(lookSoon);

    let last = -1e4;
    const input = () => {
      if (performance.now() - last < 1e4) return;
      last = performance.now();
      tell({ input: true });
    };
    const width = () => tell({ width: innerWidth });

    // The frame reloads whenever the host is attached again.
    const connect = () => {
      if (!host.isConnected) return;
      const channel = new MessageChannel();
      port = channel.port1;
      port.onmessage = receive;
      frame.contentWindow.postMessage('jumpin', origin, [channel.port2]);
      setTimeout(giveUp, 3000);
      url = busy = undefined;
      last = -1e4;
      tellConsent();
      width();
      lookSoon();
    };
    const hearConsent = (event) => { consent = event.detail; tellConsent(); };
    // A page inside a frame does not need its own concierge if the page around it has one.
    const claim = (pane) => pane.postMessage('jumpin', '*');
    const hearClaim = (event) => {
      if (event.data !== 'jumpin') return;
      if (framed) remove();
      else if (event.source) claim(event.source);
    };
    // This runs whenever the host is attached, because `document.open` removes all listeners. Adding a listener twice
    // has no effect.
    const listen = () => {
      const { documentElement, body, head } = document;
      watcher.observe(document, { subtree: true, attributeFilter: ['hidden', 'inert', 'open'] });
      for (const node of [documentElement, body]) watcher.observe(node, { childList: true });
      watcher.observe(head || documentElement, { subtree: true, childList: true, characterData: true });
      frame.addEventListener('load', connect);
      document.addEventListener('jumpin:consent', hearConsent);
      if (window.navigation) navigation.addEventListener('currententrychange', lookSoon);
      for (const name of ['popstate', 'focusin', 'focusout', 'blur', 'fullscreenchange']) addEventListener(name, lookSoon, true);
      for (const name of ['pointerdown', 'pointermove', 'keydown', 'wheel']) addEventListener(name, input, { passive: true, capture: true });
      addEventListener('resize', width, { passive: true });
      addEventListener('message', hearClaim);
    };
    addEventListener('message', hearClaim);
    setTimeout(giveUp, 9000);
    setInterval(look, 1000);
    if (framed) claim(top);
    else for (let nth = 0; nth < frames.length; nth++) claim(frames[nth]);
    setTimeout(attach, framed && 300);
  };

  // Attach the host after the page has been parsed, because frameworks hydrate the elements that the parser creates.
  const ready = () => (document.readyState === 'loading' ? document.addEventListener('DOMContentLoaded', start, { once: true }) : start());
  if (document.prerendering) document.addEventListener('prerenderingchange', ready, { once: true });
  else ready();
})();
