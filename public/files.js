// Handles files that agents choose, drop, or paste in a dashboard chat. This script is loaded with the first chat that
// the agent can write in. The listeners are on the window so that they also work for elements added later. The widget's
// script performs the upload.
import { send } from '/concierge/v1/files.js';

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
addEventListener('paste', (event) => {
  if (event.target.id !== 'composer' || !event.clipboardData.files.length) return;
  event.preventDefault();
  sendAll([...event.clipboardData.files]);
});
for (const name of ['dragover', 'drop']) addEventListener(name, (event) => {
  if (!event.target.closest?.('.conversation') || !event.dataTransfer.types.includes('Files')) return;
  event.preventDefault();
  if (name === 'drop') sendAll([...event.dataTransfer.files]);
});
