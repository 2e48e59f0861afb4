// The message form for browsers that cannot run the widget or open a socket. It uses plain HTTP. This script is loaded
// only in these browsers. If the widget does not run, it also opens and closes the panel.
const element = (id) => document.getElementById('jumpin-' + id);
const make = (into, tag, fields) => {
  const made = Object.assign(document.createElement(tag), fields);
  into.append(made);
  return made;
};

// Shows the form in place of the composer. `about` returns the host page's origin, URL and title, and the key. `show`
// tells the loader the size of the panel if the widget does not run. Returns a function that removes the form.
export const offer = async (about, show) => {
  const { lang } = document.documentElement;
  const address = '/concierge/v1/messages?lang=' + lang;
  const asked = await fetch(address).catch(() => ({}));
  if (!asked.ok) return undefined;
  const { strings } = await asked.json();
  const [foot, panel, launcher] = [element('foot'), element('panel'), element('launcher')];
  const form = make(panel, 'div', { className: 'jumpin-form' });
  foot.before(form);
  foot.style.display = 'none';
  const line = make(form, 'p', { textContent: strings.sorry });
  line.setAttribute('role', 'status');
  const field = (tag, name, fields) => make(form, tag, { placeholder: strings[name], ariaLabel: strings[name], dir: 'auto', ...fields });
  const [text, email, name] = [
    field('textarea', 'message', { rows: 3, value: element('composer').value }),
    field('input', 'email', { type: 'email', autocomplete: 'email' }),
    field('input', 'name', { autocomplete: 'name' }),
  ];
  const id = crypto.randomUUID();
  const send = make(form, 'button', { type: 'button', className: 'jumpin-accept', textContent: strings.send });
  send.onclick = async () => {
    send.disabled = true;
    const answer = await fetch(address, {
      method: 'POST', headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...about(), id, text: text.value, email: email.value, name: name.value }),
    }).catch(() => undefined);
    send.disabled = false;
    const refused = await answer?.json?.().catch(() => undefined);
    line.textContent = answer?.ok ? strings.thanks : refused?.error?.message ?? strings.failed;
    if (answer?.ok) form.replaceChildren(line);
  };
  if (show) {
    const open = (isOpen) => {
      panel.hidden = !isOpen;
      launcher.hidden = isOpen;
      show(isOpen ? 'panel 0' : 'launcher 0');
      (isOpen ? text : launcher).focus();
    };
    launcher.onclick = () => open(true);
    element('close').onclick = () => open(false);
  }
  return () => {
    form.remove();
    foot.style.display = '';
  };
};

const style = new CSSStyleSheet();
style.replaceSync(`.jumpin-form{display:grid;gap:8px;padding:12px 12px calc(12px + env(safe-area-inset-bottom));border-block-start:1px solid var(--line);background:var(--surface)}
.jumpin-form textarea,.jumpin-form input{padding:9px 14px;border:1px solid var(--quiet);border-radius:16px;background:var(--surface);font-size:1rem;resize:none}
.jumpin-form ::placeholder{color:var(--quiet);opacity:1}
.jumpin-form button{min-block-size:44px;border-radius:10px;font-weight:600}`);
document.adoptedStyleSheets.push(style);
