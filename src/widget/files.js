// Chooses, uploads, and displays files in a chat. This script is loaded only when the first file is chosen or appears
// in the conversation. The dashboard's script also uses it for uploads.
let known;
export const terms = () => known ??= fetch('/concierge/v1/files?lang=' + document.documentElement.lang).then((it) => it.json())
  // When offline, show symbols instead of text and request the terms again for the next file.
  .catch(() => (known = undefined, { limit: Infinity, accept: '', strings: { again: '↻', cancel: '×', close: '×', failed: '⚠ {}', gone: '⚠', save: '{}', sending: '{}' } }));
export const fill = (text, name) => text.split('{}').join(name);
const size = (bytes) => bytes < 1e3 ? bytes + ' B' : bytes < 1e6 ? Math.ceil(bytes / 1e3) + ' kB' : Math.ceil(bytes / 1e5) / 10 + ' MB';
const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
export const make = (into, tag, text, fields) => {
  const made = Object.assign(document.createElement(tag), { textContent: text }, fields);
  into.append(made);
  return made;
};

// Uploads one file and shows its progress or failure on a line of its own. A retry uses the same client id, so the file
// is stored only once. `place` is a function because the element may have been replaced in the meantime.
export const send = async (file, address, headers, place) => {
  const { limit, strings } = await terms();
  const id = hex(crypto.getRandomValues(new Uint8Array(16)));
  const line = document.createElement('p');
  const stands = () => line.isConnected || place()?.append(line);
  const failed = (why, again) => {
    line.replaceChildren();
    line.className = 'trouble';
    make(line, 'span', fill(strings.failed, file.name) + ' ' + why);
    if (again) make(line, 'button', strings.again, { type: 'button', className: 'plain', onclick: tries });
    make(line, 'button', strings.close, { type: 'button', className: 'plain', onclick: () => line.remove() });
    stands();
  };
  const tries = () => new Promise((done) => {
    const request = new XMLHttpRequest();
    line.replaceChildren();
    line.className = '';
    make(line, 'span', fill(strings.sending, file.name));
    const bar = make(line, 'progress', '', { max: file.size || 1, value: 0, ariaLabel: file.name });
    make(line, 'button', strings.cancel, { type: 'button', className: 'plain', onclick: () => (request.abort(), line.remove()) });
    stands();
    request.open('POST', address);
    for (const [name, value] of Object.entries({ ...headers, 'x-file-name': encodeURIComponent(file.name), 'x-client-id': id })) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded }) => { bar.value = loaded; stands(); };
    request.onabort = done;
    request.onload = () => {
      let why = '';
      try { why = JSON.parse(request.responseText).error?.message ?? ''; } catch { /* The response is not from our server. */ }
      if (request.status < 300) line.remove();
      // Offer no retry if the file itself is the problem.
      else failed(why, ![413, 415, 422].includes(request.status));
      done();
    };
    request.onerror = () => { failed('', true); done(); };
    request.send(file);
  });
  if (file.size > limit) failed(fill(strings.large, size(limit)));
  else await tries();
};

// Everything below is for the visitor's side only. The widget sends the token over the broadcast channel, just as it
// does to other tabs.
export const token = () => new Promise((told) => {
  const tabs = jumpin.channel(`jumpin-${new URLSearchParams(location.search).get('key')}-`);
  const ask = () => tabs.postMessage('who');
  // No tab has a token until the first welcome frame arrives.
  const again = setInterval(ask, 1000);
  tabs.addEventListener('message', ({ data }) => {
    if (!/^[0-9a-f]{64}$/.test(data)) return;
    clearInterval(again);
    tabs.close();
    told({ authorization: 'Bearer ' + data });
  });
  ask();
});
const log = document.getElementById('jumpin-log');
let place;

export const sendAll = async (files) => {
  const { lang } = document.documentElement;
  if (!place) {
    place = document.createElement('div');
    place.className = 'jumpin-files';
    place.setAttribute('role', 'status');
    document.getElementById('jumpin-foot').before(place);
  }
  // Upload one file at a time to preserve the order in which the files were chosen.
  for (const file of files) await send(file, '/concierge/v1/files?lang=' + lang, await token(), () => place);
};

// Displays a file as a download button with its name and size, plus a preview if it is an image. The format of `card`
// is `ID BYTES KIND NAME`.
export const file = async (line, card) => {
  // Do not scroll if the reader has scrolled up.
  const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 60;
  const [id, bytes, kind, ...rest] = card.split(' ');
  const name = rest.join(' ');
  const { strings } = await terms();
  const isImage = ['png', 'jpeg', 'gif', 'webp'].includes(kind);
  let kept;
  // Only images get a content type that browsers would display.
  const fetched = () => kept ??= token().then((headers) => fetch('/concierge/v1/files/' + id, { headers }))
    .then(async (answer) => answer.ok ? URL.createObjectURL(new Blob([await answer.blob()], { type: isImage ? 'image/' + kind : 'application/octet-stream' })) : Promise.reject())
    .catch(() => { kept = undefined; });
  const button = make(line, 'button', '', { type: 'button', className: 'jumpin-file', ariaLabel: fill(strings.save, name) });
  make(button, 'bdi', name);
  make(button, 'span', ' ' + size(bytes));
  button.onclick = async () => {
    const href = await fetched();
    if (href) Object.assign(document.createElement('a'), { href, download: name }).click();
    else button.lastChild.textContent = ' ' + strings.gone;
  };
  const toEnd = () => { if (isAtEnd) log.scrollTop = log.scrollHeight; };
  toEnd();
  if (isImage) {
    const src = await fetched();
    if (src) button.prepend(Object.assign(document.createElement('img'), { src, alt: '' }));
    toEnd();
  }
};

if (log) {
  const style = new CSSStyleSheet();
  style.replaceSync(`.jumpin-file{display:grid;gap:2px;padding:0;border:0;background:none;text-align:start;overflow-wrap:anywhere}
.jumpin-file bdi{text-decoration:underline}.jumpin-file span{font-size:12px}
.jumpin-file img{block-size:140px;max-inline-size:100%;object-fit:contain;border-radius:8px}
.jumpin-files p{display:flex;align-items:center;gap:8px;padding:6px 16px;font-size:13px}.jumpin-files span{flex:1}
.jumpin-files progress{inline-size:80px}.jumpin-files button{min-block-size:32px;border:1px solid var(--line);border-radius:8px;background:none}`);
  document.adoptedStyleSheets.push(style);
}
