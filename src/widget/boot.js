// This script is inlined in the frame's HTML. It answers the loader immediately and loads the widget when the browser
// is idle or the visitor needs it.
const root = document.documentElement;
const { side, color, strings } = document.body.dataset;
const launcher = document.getElementById('jumpin-launcher');
if (/^#[0-9a-f]{6}$/i.test(color)) {
  root.style.setProperty('--color', color);
  // At this luminance, black and white text have the same contrast of 4.5:1.
  const [red, green, blue] = [1, 3, 5].map((at) => (parseInt(color.slice(at, at + 2), 16) / 255) ** 2.2);
  if (0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.18) root.style.setProperty('--on-color', '#000');
}

// Browsers cache URLs with this version for a year.
const version = '?v={{version}}';

// Functions for the widget that take less space in JavaScript than as bindings.
let audio;
let rating;
const storage = (lasting) => lasting ? localStorage : sessionStorage;
const perhaps = (ask) => (...said) => { try { return ask(...said); } catch { return undefined; } };
window.jumpin = {
  read: perhaps((lasting, name) => storage(lasting).getItem(name)),
  write: perhaps((lasting, name, value) => { value ? storage(lasting).setItem(name, value) : storage(lasting).removeItem(name); }),
  nameAt: perhaps((place) => localStorage.key(place)),
  channel: perhaps((name) => new BroadcastChannel(name)),
  socket: perhaps((address) => new WebSocket(address)),
  file: (...said) => import('./files.js' + version).then((it) => it.file(...said)),
  // Until the first chat ends, there is no rating form to remove.
  rate: (goesOn) => (goesOn ? rating : rating ??= import('./rating.js' + version))?.then((it) => it.rate(goesOn)),
  unlock() { audio ??= new AudioContext(); },
  sound() {
    if (!audio) return;
    const [tone, volume, now] = [audio.createOscillator(), audio.createGain(), audio.currentTime];
    volume.gain.setValueAtTime(.08, now);
    volume.gain.linearRampToValueAtTime(0, now + .25);
    tone.connect(volume).connect(audio.destination);
    tone.start();
    tone.stop(now + .25);
  },
};
document.getElementById('jumpin-attach').onclick = jumpin.file;

const alone = parent === window;
const handedOver = new Promise((resolve) => {
  if (alone) return resolve({ origin: '' });
  const onMessage = (event) => {
    const port = event.ports[0];
    if (event.source !== parent || event.data !== 'jumpin' || !port) return;
    removeEventListener('message', onMessage);
    port.postMessage('launcher ' + side);
    port.addEventListener('message', ({ data }) => {
      if (!data.width) return;
      root.style.setProperty('--host', data.width + 'px');
      document.body.classList.toggle('jumpin-phone', data.width <= 480);
    });
    resolve({ port, origin: event.origin });
  };
  addEventListener('message', onMessage);
});

let wanted = alone;
let begun = false;
const begin = async () => {
  if (begun) return;
  begun = true;
  const { port, origin } = await handedOver;
  let widget;
  try {
    const wasm = fetch('widget_bg.wasm' + version);
    const style = document.createElement('link');
    const styled = new Promise((done, failed) => { style.onload = done; style.onerror = failed; });
    style.rel = 'stylesheet';
    style.href = 'widget.css' + version;
    document.head.append(style);
    widget = await import('./widget.js' + version);
    const { instance } = await WebAssembly.instantiateStreaming(wasm, { widget });
    await styled;
    widget.__wbg_set_wasm(instance.exports);
    instance.exports.__wbindgen_start();
  } catch (error) {
    // The browser is offline or the server is restarting. The next interaction tries again.
    console.info('Jump-In: the widget could not be loaded.', error);
    begun = false;
    return;
  }
  launcher.removeEventListener('click', early);
  if (alone) document.body.classList.add('jumpin-alone');
  const key = new URLSearchParams(location.search).get('key') ?? '';
  const socket = location.origin.replace('http', 'ws') + '/socket/visitor/v1';
  // The loader passes the referrer and the campaign as the frame's name. Of a window of its own, the name is somebody
  // else's. Properties that the browser does not support are undefined, which is falsy.
  widget.start(port, origin, key, socket, root.lang, strings, navigator.webdriver, navigator.globalPrivacyControl, !document.hidden, Intl.DateTimeFormat().resolvedOptions().timeZone + ' ' + (alone ? '' : name));
  if (wanted) launcher.click();
};
const early = () => { wanted = true; begin(); };

launcher.addEventListener('click', early);
launcher.addEventListener('pointerenter', begin);
launcher.addEventListener('focus', begin);
handedOver.then(() => {
  if (wanted) begin();
  else if (window.requestIdleCallback) requestIdleCallback(begin, { timeout: 3000 });
  else setTimeout(begin, 200);
});
