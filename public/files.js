// Handles files that agents choose, drop, or paste in a dashboard chat. This script is loaded with the first chat that
// the agent can write in. The listeners are on the window so that they also work for elements added later. The widget's
// script performs the upload.
import { make, send, terms } from '/concierge/v1/files.js';

const place = () => document.querySelector('.uploads');
const sendAll = async (files) => {
  const into = place()?.dataset.chat;
  // Upload one file at a time to preserve the order in which the files were chosen.
  if (into) for (const file of files) await send(file, `/files?chat=${into}`, {}, place);
};

addEventListener('change', ({ target }) => {
  if (!target.matches('.attach input')) return;
  sendAll([...target.files]);
  target.value = '';
});
// Agents may have forgotten what is on their clipboard, so they confirm a pasted file before the visitor gets it.
const confirmAll = async (files) => {
  const { strings } = await terms();
  const line = make(place(), 'p', '', { className: 'pasted' });
  for (const file of files.filter(({ type }) => type.startsWith('image/'))) {
    // The dashboard's content security policy allows data URLs but not blob URLs.
    const reader = new FileReader();
    reader.onload = () => line.prepend(Object.assign(new Image(), { src: reader.result, alt: '' }));
    reader.readAsDataURL(file);
  }
  make(line, 'span', strings.pasted);
  const answer = (name, isSent) => make(line, 'button', strings[name], { type: 'button', className: 'plain', onclick: () => {
    line.remove();
    if (isSent) sendAll(files);
  } });
  answer('send', true).focus();
  answer('cancel', false);
};
addEventListener('paste', (event) => {
  const { target, clipboardData: data } = event;
  // Spreadsheets and word processors also put a picture of the text on the clipboard.
  if (target.id !== 'composer' || !data.files.length || data.getData('text')) return;
  event.preventDefault();
  confirmAll([...data.files]);
});
for (const name of ['dragover', 'drop']) addEventListener(name, (event) => {
  if (!event.target.closest?.('.conversation') || !event.dataTransfer.types.includes('Files')) return;
  event.preventDefault();
  if (name === 'drop') sendAll([...event.dataTransfer.files]);
});
