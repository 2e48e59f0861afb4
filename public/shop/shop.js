// The shop's own script. It contains a small client-side router for the catalog and makes forms send nothing.
const goods = [
  { slug: 'ridgeline', name: 'Ridgeline Mid', kind: 'boots', price: '149', words: 'Leather boots for wet roots and long descents.' },
  { slug: 'brook-low', name: 'Brook Low', kind: 'boots', price: '119', words: 'Light shoes that dry while you walk.' },
  { slug: 'meander-38', name: 'Meander 38', kind: 'packs', price: '165', words: 'A pack for three days, or one very careful week.' },
  { slug: 'eddy-18', name: 'Eddy 18', kind: 'packs', price: '79', words: 'A day pack with the pocket you were looking for.' },
  { slug: 'heron-2', name: 'Heron 2', kind: 'tents', price: '329', words: 'Two people, two doors, one and a half kilos.' },
  { slug: 'otter-1', name: 'Otter 1', kind: 'tents', price: '249', words: 'For those who snore.' },
];

for (const link of document.querySelectorAll('.top nav a')) {
  const path = new URL(link.href).pathname;
  if (location.pathname === path || location.pathname.startsWith(path + '/')) link.setAttribute('aria-current', 'page');
}

for (const form of document.querySelectorAll('form')) {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const thanks = document.createElement('p');
    thanks.setAttribute('role', 'status');
    thanks.textContent = form.dataset.thanks || 'Thank you! (This is a demo, so nothing was sent.)';
    form.replaceWith(thanks);
  });
}

const outlet = document.getElementById('catalog');
if (outlet) {
  const make = (tag, text, attributes = {}) => {
    const element = document.createElement(tag);
    if (text) element.textContent = text;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };
  const link = (text, path, attributes) => make('a', text, { href: path, ...attributes });

  const card = (one) => {
    const item = make('li');
    const inside = link('', `/catalog/${one.kind}/${one.slug}`, { class: 'card' });
    const box = make('div');
    box.append(make('h3', one.name), make('p', one.words), make('p', `€ ${one.price}`, { class: 'price' }));
    inside.append(box);
    item.append(inside);
    return item;
  };

  const draw = () => {
    const [, , kind, slug] = location.pathname.split('/');
    const one = goods.find((each) => each.slug === slug);
    const chips = make('div', '', { class: 'chips' });
    for (const each of ['', 'boots', 'packs', 'tents']) {
      const here = (kind || '') === each ? { 'aria-current': 'page' } : {};
      chips.append(link(each ? each[0].toUpperCase() + each.slice(1) : 'Everything', `/catalog${each && '/' + each}`, here));
    }
    const parts = [chips];
    if (one) {
      const panel = make('section', '', { class: 'panel' });
      panel.append(make('h2', one.name), make('p', one.words), make('p', `€ ${one.price}`, { class: 'price' }), make('button', 'Add to cart', { type: 'button' }));
      parts.push(panel);
    } else {
      const list = make('ul', '', { class: 'grid' });
      list.append(...goods.filter((each) => !kind || each.kind === kind).map(card));
      parts.push(list);
    }
    outlet.replaceChildren(...parts);
    document.title = `${one ? one.name : kind ? kind[0].toUpperCase() + kind.slice(1) : 'Catalog'} · Riverside Outfitters`;
  };

  // There is no page load. The History API changes the URL, as in a single-page app.
  outlet.addEventListener('click', (event) => {
    const target = event.target.closest('a');
    if (!target || event.metaKey || event.ctrlKey || event.button !== 0) return;
    event.preventDefault();
    history.pushState(null, '', target.href);
    draw();
  });
  addEventListener('popstate', draw);
  draw();
}
