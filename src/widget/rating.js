// The rating form, which is shown after a chat with an agent ends. This script is loaded only then, and it gets the
// visitor's token through `files.js`.
const { token } = await import('./files.js' + new URL(import.meta.url).search);
const address = '/concierge/v1/rating';
const make = (into, tag, text, fields) => {
  const made = Object.assign(document.createElement(tag), { textContent: text }, fields);
  into.append(made);
  return made;
};
let place;

// There is at most one form. It is removed when a new chat starts.
export const rate = async (goesOn) => {
  place?.remove();
  place = undefined;
  if (goesOn) return;
  const headers = await token();
  const asked = await fetch(address + '?lang=' + document.documentElement.lang, { headers }).catch(() => ({}));
  if (asked.status !== 200 || place) return;
  const { strings } = await asked.json();
  place = Object.assign(document.createElement('div'), { className: 'jumpin-rating' });
  place.setAttribute('role', 'group');
  place.setAttribute('aria-label', strings.ask);
  const line = make(place, 'p', strings.ask);
  line.setAttribute('role', 'status');
  const give = async (rating) => {
    const noted = await fetch(address, {
      method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify({ rating }),
    }).catch(() => ({}));
    line.textContent = noted.status === 204 ? strings.thanks : strings.failed;
    if (noted.status === 204) for (const button of place.querySelectorAll('button')) button.remove();
  };
  for (const rating of ['good', 'bad']) make(place, 'button', strings[rating], { type: 'button', onclick: () => give(rating) });
  document.getElementById('jumpin-foot').before(place);
};

const style = new CSSStyleSheet();
style.replaceSync(`.jumpin-rating{display:flex;align-items:center;gap:8px;padding:8px 16px;border-block-start:1px solid var(--line);font-size:14px}
.jumpin-rating p{flex:1}.jumpin-rating button{min-block-size:36px;padding:0 12px;border:1px solid var(--line);border-radius:8px;background:none;color:inherit}`);
document.adoptedStyleSheets.push(style);
