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
// A broadcast channel that only works within this frame, for browsers that block real ones.
const locals = new Set();
const local = () => {
  const channel = new EventTarget();
  channel.postMessage = (data) => { for (const other of locals) if (other !== channel) other.dispatchEvent(new MessageEvent('message', { data })); };
  channel.close = () => locals.delete(channel);
  locals.add(channel);
  return channel;
};
window.jumpin = {
  read: perhaps((lasting, name) => storage(lasting).getItem(name)),
  write: perhaps((lasting, name, value) => { value ? storage(lasting).setItem(name, value) : storage(lasting).removeItem(name); }),
  nameAt: perhaps((place) => localStorage.key(place)),
  channel: (name) => perhaps(() => new BroadcastChannel(name))() ?? local(),
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

// The script for files is loaded with the first file, but the file chooser can only be opened, and dropped or pasted
// files can only be read, while the event is being handled.
const chooser = document.getElementById('jumpin-files');
const sendFiles = (files) => import('./files.js' + version).then((it) => it.sendAll(files));
document.getElementById('jumpin-attach').onclick = () => chooser.click();
chooser.onchange = () => {
  sendFiles([...chooser.files]);
  chooser.value = '';
};
document.getElementById('jumpin-composer').addEventListener('paste', (event) => {
  const { clipboardData: data } = event;
  // Spreadsheets and word processors also put a picture of the text on the clipboard.
  if (!data.files.length || data.getData('text')) return;
  event.preventDefault();
  sendFiles([...data.files]);
});
for (const name of ['dragover', 'drop']) addEventListener(name, (event) => {
  const { dataTransfer: data } = event;
  if (!data.types.includes('Files')) return;
  event.preventDefault();
  if (name === 'drop') sendFiles([...data.files]);
});

const alone = parent === window;
// Tells the loader the style of the element that contains the frame. `shown` is what the widget shows and, for a card,
// its height in pixels, such as `card 240`. On phones, the panel is a sheet.
let shown = 'launcher 0';
let hostWidth = Infinity;
const place = (send) => {
  const [what, height] = shown.split(' ');
  const open = what === 'panel' || what === 'fullscreen';
  const sheet = open && hostWidth <= 480;
  const full = what === 'fullscreen';
  const [edge, radius, width, tall] = sheet ? [0, full ? 0 : '16px 16px 0 0', 'auto', full ? '100dvh' : 'min(620px,86dvh)']
    : open ? ['12px', '16px', '380px', '620px'] : ['12px', 0, height > 0 ? '344px' : '72px', (height > 0 ? Math.min(height, 600) : 72) + 'px'];
  send({
    gone: what === 'gone',
    style: `${side === 'left' ? 'left' : 'right'}:${edge};bottom:${sheet ? 0 : 'max(12px,env(safe-area-inset-bottom))'};width:${width};height:${tall};border-radius:${radius}${sheet ? ';left:0;right:0;max-width:none;max-height:none' : ''}${open ? ';box-shadow:0 8px 32px #0004' : ''}`,
  });
};
const handedOver = new Promise((resolve) => {
  if (alone) return resolve({ origin: '' });
  const onMessage = (event) => {
    const port = event.ports[0];
    if (event.source !== parent || event.data !== 'jumpin' || !port) return;
    removeEventListener('message', onMessage);
    const send = port.postMessage.bind(port);
    port.postMessage = (text) => { shown = text; place(send); };
    place(send);
    port.addEventListener('message', ({ data }) => {
      if (data.url !== undefined) page = data;
      if (!data.width) return;
      hostWidth = data.width;
      root.style.setProperty('--host', hostWidth + 'px');
      document.body.classList.toggle('jumpin-phone', hostWidth <= 480);
      place(send);
    });
    resolve({ port, origin: event.origin });
  };
  addEventListener('message', onMessage);
});

let page = { url: '', title: '' };
let online = false;
let removeForm;
// Offers a message form that needs neither WebAssembly nor a socket, in case the widget cannot run or connect.
const offerForm = async (show) => {
  const { port, origin } = await handedOver;
  // Otherwise, the widget starts the port. Without this, neither the page nor the width would arrive.
  if (show) port?.start();
  const about = () => ({ key: new URLSearchParams(location.search).get('key') ?? '', host: origin, ...page });
  const { offer } = await import('./unreachable.js' + version);
  removeForm = await offer(about, show && ((text) => port?.postMessage(text)));
  if (online) jumpin.online();
};
jumpin.online = () => {
  online = true;
  removeForm?.();
};

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
    if (!window.WebAssembly) throw await styled.then(() => new Error('This browser has no WebAssembly.'));
    widget = await import('./widget.js' + version);
    const { instance } = await WebAssembly.instantiateStreaming(wasm, { widget });
    await styled;
    widget.__wbg_set_wasm(instance.exports);
    instance.exports.__wbindgen_start();
  } catch (error) {
    console.info('Jump-In: the widget could not be loaded.', error);
    // If the browser is offline or the server is restarting, the next interaction tries again.
    begun = !window.WebAssembly || error instanceof WebAssembly.CompileError;
    if (!begun) return;
    launcher.removeEventListener('click', early);
    await offerForm(true).catch(() => {});
    if (wanted) launcher.click();
    return;
  }
  launcher.removeEventListener('click', early);
  if (alone) document.body.classList.add('jumpin-alone');
  const key = new URLSearchParams(location.search).get('key') ?? '';
  const socket = location.origin.replace('http', 'ws') + '/socket/visitor/v1';
  // The loader passes the referrer and the campaign in the frame's name. If the concierge runs in its own window, the
  // name does not come from the loader. Properties that the browser does not support are undefined, which is falsy.
  widget.start(port, origin, key, socket, root.lang, strings, navigator.webdriver, navigator.globalPrivacyControl, !document.hidden, Intl.DateTimeFormat().resolvedOptions().timeZone + ' ' + (alone ? '' : name));
  if (wanted) launcher.click();
  // Some proxies block sockets or never respond to them.
  setTimeout(() => { if (!online) offerForm().catch(() => {}); }, 8000);
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
