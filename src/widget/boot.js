// In the frame: answers the loader at once, and loads the widget when there is time for it or the visitor wants it.
const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content ?? '';
const launcher = document.getElementById('jumpin-launcher');
const colour = meta('theme-color');
if (/^#[0-9a-f]{6}$/i.test(colour)) document.documentElement.style.setProperty('--colour', colour);

let wanted = false;
let begun = false;
const handedOver = parent === window
  ? Promise.resolve({ port: undefined, origin: '' })
  : new Promise((resolve) => {
      const hear = (event) => {
        if (event.source !== parent || event.data !== 'jumpin' || !event.ports[0]) return;
        removeEventListener('message', hear);
        event.ports[0].postMessage({ size: 'launcher', side: meta('jumpin-side') === 'left' ? 'left' : 'right' });
        resolve({ port: event.ports[0], origin: event.origin });
      };
      addEventListener('message', hear);
    });

const early = () => { wanted = true; begin(); };
const begin = async () => {
  if (begun) return;
  begun = true;
  const { port, origin } = await handedOver;
  let widget;
  try {
    // Under the version that the frame named, both are kept by the browser for a year.
    const { search } = new URL(import.meta.url);
    widget = await import('./widget.js' + search);
    await widget.default({ module_or_path: new URL('widget_bg.wasm' + search, import.meta.url) });
  } catch (error) {
    // Offline, or the server is being restarted: the next touch tries again.
    console.info('Jump-In: the widget could not be loaded.', error);
    begun = false;
    return;
  }
  launcher.removeEventListener('click', early);
  widget.start(port, origin, wanted || !port);
};

launcher.addEventListener('click', early);
launcher.addEventListener('pointerenter', begin);
launcher.addEventListener('focus', begin);
handedOver.then(({ port }) => {
  if (!port) begin();
  else if (window.requestIdleCallback) requestIdleCallback(begin, { timeout: 3000 });
  else setTimeout(begin, 200);
});
