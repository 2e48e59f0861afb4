// Jump-In's loader: the only thing of ours in the host page. It draws the launcher's place, makes one iframe on our own
// origin, and tells it which page the visitor is on. Nothing of the page is patched, read or kept beyond that.
(() => {
  const script = document.currentScript;
  if (!script) return;
  const source = new URL(script.src);
  const key = script.dataset.concierge || script.dataset.key || source.searchParams.get('key') || '';
  const origin = source.origin;

  const start = () => {
    const host = document.createElement('jumpin-concierge');
    const root = host.attachShadow({ mode: 'closed' });
    const put = (element, style) => Object.assign(element.style, style);
    put(host, { all: 'initial', position: 'fixed', zIndex: '2147483000', bottom: '12px', right: '12px', width: '72px', height: '72px', colorScheme: 'light dark' });
    const place = document.createElement('div');
    put(place, { position: 'absolute', inset: '8px', borderRadius: '50%', background: '#8886' });
    const frame = document.createElement('iframe');
    frame.title = script.dataset.title || 'Chat';
    frame.setAttribute('sandbox', 'allow-scripts allow-same-origin allow-forms allow-popups allow-downloads');
    frame.setAttribute('allow', '');
    frame.referrerPolicy = 'strict-origin';
    put(frame, { position: 'absolute', inset: '0', width: '100%', height: '100%', border: '0', background: 'transparent', colorScheme: 'light dark' });

    const channel = new MessageChannel();
    const port = channel.port1;
    const tell = (message) => port.postMessage(message);

    let size = { size: 'launcher' };
    const fit = () => {
      const left = size.side === 'left';
      const sheet = size.size === 'panel' && matchMedia('(max-width: 480px)').matches;
      const edge = sheet ? '0' : '12px';
      put(host, {
        left: left || sheet ? edge : 'auto',
        right: left && !sheet ? 'auto' : edge,
        bottom: edge,
        width: sheet ? '100%' : size.size === 'panel' ? '380px' : size.size === 'card' ? '344px' : '72px',
        height: sheet ? 'min(640px, 92dvh)' : size.size === 'panel' ? '620px' : (size.size === 'card' && size.height || 72) + 'px',
        maxWidth: sheet ? '100%' : 'calc(100% - 24px)',
        maxHeight: sheet ? '92dvh' : 'calc(100dvh - 24px)',
      });
    };
    let answered = false;
    port.onmessage = ({ data }) => {
      if (!data || !/^(launcher|card|panel)$/.test(data.size)) return;
      answered = true;
      place.remove();
      size = { size: data.size, side: data.side, height: Math.min(+data.height || 0, 600) };
      fit();
    };
    setTimeout(() => {
      if (answered) return;
      place.remove();
      console.info(`Jump-In: no answer from ${origin}. Either this page's Content-Security-Policy lacks "frame-src ${origin}", or concierge "${key}" does not list ${location.origin} among its sites.`);
    }, 5000);

    let url, title;
    const look = () => {
      if (url === location.href && title === document.title) return;
      url = location.href;
      title = document.title;
      tell({ url: url.split('#')[0], title });
    };
    // A router writes the title a moment after the address; both together are one page.
    let soon;
    const lookSoon = () => { clearTimeout(soon); soon = setTimeout(look, 50); };

    let handed = false;
    frame.addEventListener('load', () => {
      if (handed) return;
      handed = true;
      frame.contentWindow.postMessage('jumpin', origin, [channel.port2]);
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
      for (const name of ['pointerdown', 'pointermove', 'keydown', 'scroll', 'touchstart']) addEventListener(name, input, { passive: true, capture: true });
    });
    frame.src = `${origin}/concierge/v1/frame?key=${encodeURIComponent(key)}`;
    root.append(place, frame);
    (document.body || document.documentElement).append(host);
  };

  const ready = () => (document.body ? start() : document.addEventListener('DOMContentLoaded', start, { once: true }));
  if (document.prerendering) document.addEventListener('prerenderingchange', ready, { once: true });
  else ready();
})();
