// Jump-In's loader, the only part of Jump-In that runs in the host page. It draws a placeholder for the launcher,
// creates one iframe on our own origin, and tells it the page's URL, title, width, and consent status, the referrer, the
// campaign, whether there is input, and whether a form field has focus. Of URLs, it tells only what the server keeps. It
// does not patch anything or read or store anything else.
(() => {
  const script = document.currentScript;
  if (!script) return;
  const key = script.dataset.concierge || '';
  const { origin } = new URL(script.src);

  // URLs often contain secrets, so credentials, queries, and fragments stay in this page. A referrer of the page's own
  // origin is not kept.
  const bare = (address, own) => {
    if (!/^https?:/.test(address)) return '';
    const url = new URL(address);
    return url.origin === own ? '' : url.origin + url.pathname;
  };

  const start = () => {
    // The script tag may be on the page twice, for example, in a template and in a tag manager.
    if (document.querySelector('jumpin-concierge')) return;
    const host = document.createElement('jumpin-concierge');
    const root = host.attachShadow({ mode: 'closed' });
    const put = (element, style) => Object.assign(element.style, style);
    put(host, { all: 'initial', position: 'fixed', zIndex: '2147483000', colorScheme: 'light dark' });
    const place = document.createElement('div');
    put(place, { position: 'absolute', inset: '8px', borderRadius: '50%', background: '#8886' });
    const frame = document.createElement('iframe');
    // The frame reads the referrer and the campaign from its own name; nothing else uses the name.
    const campaign = new URLSearchParams();
    for (const name of ['utm_source', 'utm_medium', 'utm_campaign', 'utm_term', 'utm_content']) campaign.set(name, [...new URLSearchParams(location.search).get(name) || ''].slice(0, 60).join(''));
    frame.name = bare(document.referrer, location.origin).slice(0, 512) + ' ' + campaign;
    frame.title = script.dataset.title || 'Chat';
    frame.setAttribute('sandbox', 'allow-scripts allow-same-origin allow-forms allow-popups allow-downloads');
    frame.setAttribute('allow', '');
    frame.referrerPolicy = 'strict-origin';
    put(frame, { position: 'absolute', inset: '0', width: '100%', height: '100%', border: '0', background: 'transparent', colorScheme: 'light dark' });

    let size = 'launcher', side = 'right', height = 0;
    const fit = () => {
      const open = size === 'panel' || size === 'fullscreen';
      const sheet = open && matchMedia('(max-width: 480px)').matches;
      const edge = sheet ? '0px' : '12px';
      put(host, {
        left: side === 'left' || sheet ? edge : 'auto',
        right: side === 'left' && !sheet ? 'auto' : edge,
        bottom: sheet ? edge : 'max(12px, env(safe-area-inset-bottom))',
        width: sheet ? 'auto' : open ? '380px' : size === 'card' ? '344px' : '72px',
        height: sheet ? (size === 'fullscreen' ? '100dvh' : 'min(620px, 86dvh)') : open ? '620px' : (height || 72) + 'px',
        maxWidth: sheet ? 'none' : 'calc(100% - 24px)',
        maxHeight: sheet ? 'none' : 'calc(100dvh - 24px)',
        borderRadius: open ? (sheet ? (size === 'fullscreen' ? '0' : '16px 16px 0 0') : '16px') : '0',
        boxShadow: open ? '0 8px 32px #0004' : 'none',
      });
    };
    fit();

    const { port1: port, port2 } = new MessageChannel();
    const tell = (message) => port.postMessage(message);
    const consent = (given) => tell({ consent: given === 'granted' });
    if (script.dataset.consent) consent(script.dataset.consent);
    document.addEventListener('jumpin:consent', (event) => consent(event.detail));
    let answered = false;
    port.onmessage = ({ data }) => {
      const [, word, where, high] = /^(launcher|card|panel|fullscreen|gone) (left|right)?(\d*)$/.exec(data) || [];
      if (!word) return;
      answered = true;
      (word === 'gone' ? host : place).remove();
      size = word;
      side = where || side;
      height = word === 'card' ? Math.min(+high, 600) : 0;
      fit();
    };
    const giveUp = () => {
      if (answered) return;
      answered = true;
      host.remove();
      const here = self.origin === 'null' ? 'a page without an origin (sandboxed or a local file)' : location.origin;
      console.info(`Jump-In: no answer from ${origin}. Either this page's Content-Security-Policy lacks "frame-src ${origin}", or concierge "${key}" does not list ${here} among its sites, or the server is down.`);
    };
    document.addEventListener('securitypolicyviolation', (event) => {
      if (event.disposition === 'enforce' && event.effectiveDirective === 'frame-src' && event.blockedURI.startsWith(origin)) giveUp();
    });

    let url, title;
    const look = () => {
      if (url === location.href && title === document.title) return;
      url = location.href;
      title = document.title;
      tell({ url: bare(url), title });
    };
    // A router sets the title shortly after the URL. Wait briefly so that both are reported as one page.
    let soon;
    const lookSoon = () => { clearTimeout(soon); soon = setTimeout(look, 50); };

    frame.addEventListener('load', () => {
      frame.contentWindow.postMessage('jumpin', origin, [port2]);
      setTimeout(giveUp, 3000);
      look();
      const width = () => { tell({ width: innerWidth }); fit(); };
      width();
      addEventListener('resize', width, { passive: true });
      if (window.navigation) navigation.addEventListener('currententrychange', lookSoon);
      else setInterval(look, 1000);
      addEventListener('popstate', lookSoon);
      addEventListener('hashchange', lookSoon);
      new MutationObserver(lookSoon).observe(document.head || document.documentElement, { subtree: true, childList: true, characterData: true });

      const isField = (element) => !!element && (/^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName) || element.isContentEditable);
      let typing = false;
      const form = (now) => { if (now !== typing) tell({ typing: (typing = now) }); };
      addEventListener('focusin', (event) => form(isField(event.composedPath()[0])), true);
      addEventListener('focusout', (event) => form(isField(event.relatedTarget)), true);
      form(isField(document.activeElement));

      let last = -1e4;
      const input = () => {
        if (performance.now() - last < 1e4) return;
        last = performance.now();
        tell({ input: true });
      };
      for (const name of ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart']) addEventListener(name, input, { passive: true, capture: true });
    }, { once: true });
    frame.src = `${origin}/concierge/v1/frame?key=${encodeURIComponent(key)}`;
    root.append(place, frame);
    // Append the host outside the body because some sites replace the body on navigation.
    document.documentElement.append(host);
  };

  const ready = () => (document.body ? start() : document.addEventListener('DOMContentLoaded', start, { once: true }));
  if (document.prerendering) document.addEventListener('prerenderingchange', ready, { once: true });
  else ready();
})();
