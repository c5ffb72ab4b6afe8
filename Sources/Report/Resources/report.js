(() => {
'use strict';
const find = (selector, root = document) => root.querySelector(selector);
const { names, plane: dimension, points, cells: order, chunks } = JSON.parse(find('#points').textContent);
const value = text => Number(text.replaceAll('\u2212', '-'));
const coordinates = points.map(point => point.map(value));
// Where points lie in the plane, and which of them share a panel of the map.
const places = coordinates.map(([x, y]) => [x, dimension > 1 ? y : 0]);
const slices = points.map(point => point.slice(dimension).join());
const name = i => points[i].map((text, k) => `${names[k]} = ${text}`).join(', ');
const panel = find('#point');
const svg = find('#plane svg');
// The cells of the map in its order, the points that they stand for, and the cells in the order of points.
const shapes = svg ? [...svg.querySelectorAll('.cells > *')] : [];
const shown = order ?? points.map((_, i) => i);
const cells = [];
shapes.forEach((shape, k) => { cells[shown[k]] = shape; });

// Theme: automatic, light, dark. Browsers may refuse to remember it.
const themes = ['automatic', 'light', 'dark'];
const button = find('#theme');
const remembered = (() => { try { return localStorage.getItem('gammaplane-theme'); } catch { return null; } })();
const setTheme = theme => {
  if (theme === 'automatic') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  button.textContent = `Theme: ${theme}`;
};
let theme = themes.includes(remembered) ? remembered : 'automatic';
setTheme(theme);
button.hidden = false;
button.addEventListener('click', () => {
  theme = themes[(themes.indexOf(theme) + 1) % themes.length];
  setTheme(theme);
  try { localStorage.setItem('gammaplane-theme', theme); } catch {}
});

// What is compressed.
const unpack = async text => {
  const bytes = Uint8Array.from(atob(text), c => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return new Response(stream).text();
};
const cannotUnpack = 'This browser is too old to open single points: it has no DecompressionStream. '
  + 'Any browser of 2023 or later has it.';
const opened = new Map();
const fragment = async i => {
  let chunk = chunks.length - 1;
  while (chunks[chunk] > i) chunk -= 1;
  if (!opened.has(chunk)) {
    // The last few are kept.
    if (opened.size > 7) opened.delete(opened.keys().next().value);
    opened.set(chunk, unpack(find(`#chunk-${chunk}`).textContent).then(text => text.split('\x1e')));
  }
  return (await opened.get(chunk))[i - chunks[chunk]];
};

// The opened point.
let current = -1;
const cursor = (() => {
  if (!svg) return null;
  const group = document.createElementNS(svg.namespaceURI, 'g');
  group.setAttribute('class', 'cursor');
  group.setAttribute('aria-hidden', 'true');
  svg.append(group);
  return group;
})();
const mark = i => {
  if (!cursor || !cells[i]) return;
  cursor.replaceChildren(...['edge', 'core'].map(part => {
    const shape = cells[i].cloneNode(false);
    for (const { name } of [...shape.attributes])
      if (!['d', 'x', 'y', 'width', 'height'].includes(name)) shape.removeAttribute(name);
    shape.setAttribute('class', part);
    return shape;
  }));
  for (const cell of shapes) if (cell.getAttribute('tabindex') === '0') cell.setAttribute('tabindex', '-1');
  cells[i].setAttribute('tabindex', '0');
  const old = shapes.find(cell => cell.getAttribute('aria-pressed') === 'true');
  if (old) old.setAttribute('aria-pressed', 'false');
  cells[i].setAttribute('aria-pressed', 'true');
};
const open = async (i, { focus = false, scroll = false } = {}) => {
  if (!(i in points)) return;
  current = i;
  mark(i);
  choose(i);
  let text;
  try {
    text = typeof DecompressionStream === 'function' ? await fragment(i) : `<p class=caveat>${cannotUnpack}</p>`;
  } catch {
    text = '<p class=caveat>This point cannot be read: the file is not whole. Make the report again.</p>';
  }
  if (current !== i) return;
  panel.innerHTML = text;
  panel.dataset.point = i;
  try { history.replaceState(null, '', `#${coordinates[i].join(',')}`); } catch {}
  const heading = find('h2', panel);
  if (focus && heading) heading.focus({ preventScroll: !scroll });
  if (scroll && panel.getBoundingClientRect().top > innerHeight * 0.6) panel.scrollIntoView();
};

// By mouse and keyboard on the map.
const neighbour = (i, key) => {
  const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[key];
  let best = -1, least = Infinity;
  places.forEach(([x, y], j) => {
    if (slices[j] !== slices[i]) return;
    const [a, b] = [x - places[i][0], y - places[i][1]];
    const along = a * dx + b * dy, aside = Math.abs(a * dy) + Math.abs(b * dx);
    // Straight on first; points aside only where they are nearer ahead than aside.
    if (along > 1e-12 && aside <= along) {
      const distance = along + 3 * aside;
      if (distance < least) { best = j; least = distance; }
    }
  });
  return best;
};
const extreme = key => {
  const row = places.map(([x, y], j) => [x, j])
    .filter(([, j]) => places[j][1] === places[current][1] && slices[j] === slices[current]);
  row.sort((a, b) => a[0] - b[0]);
  return (key === 'Home' ? row[0] : row[row.length - 1])[1];
};
// The nearest point of the next panel, or of the one before.
const panels = [...new Set(shown.map(j => slices[j]))];
const page = (i, key) => {
  const target = panels[panels.indexOf(slices[i]) + (key === 'PageDown' ? 1 : -1)];
  let best = -1, least = Infinity;
  shown.filter(j => slices[j] === target).forEach(j => {
    const distance = Math.hypot(places[j][0] - places[i][0], places[j][1] - places[i][1]);
    if (distance < least) { best = j; least = distance; }
  });
  return best;
};
const neighbours = {
  ArrowLeft: neighbour, ArrowRight: neighbour, ArrowUp: neighbour, ArrowDown: neighbour,
  Home: (_, key) => extreme(key), End: (_, key) => extreme(key),
  // With one panel these keys scroll the page.
  ...(panels.length > 1 ? { PageUp: page, PageDown: page } : {}),
};
if (shapes.length === shown.length && svg) {
  svg.setAttribute('role', 'group');
  shapes.forEach((cell, k) => {
    cell.setAttribute('tabindex', k === 0 ? '0' : '-1');
    cell.setAttribute('role', 'button');
    cell.setAttribute('aria-label', name(shown[k]));
    cell.setAttribute('aria-pressed', 'false');
  });
  if (shapes.length) {
    const at = target => shown[shapes.indexOf(target.closest('.cells > *'))] ?? -1;
    // Not on the group itself: Chromium makes shapes that listen for focus stops of Tab.
    const plane = find('#plane');
    plane.addEventListener('click', event => {
      const i = at(event.target);
      if (i < 0) return;
      cells[i].focus({ preventScroll: true });
      open(i, { scroll: true });
    });
    plane.addEventListener('focusin', event => {
      cursor.classList.toggle('focused', event.target.matches(':focus-visible'));
      const i = at(event.target);
      if (i >= 0 && current < 0) mark(i);
    });
    plane.addEventListener('focusout', () => cursor.classList.remove('focused'));
    plane.addEventListener('keydown', event => {
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      const i = at(event.target);
      if (i < 0) return;
      if (event.key === 'Enter' || event.key === ' ') {
        event.preventDefault();
        open(i, { focus: true, scroll: true });
      } else if (event.key in neighbours) {
        event.preventDefault();
        if (current < 0) current = i;
        const next = neighbours[event.key](i, event.key);
        if (next < 0 || !cells[next]) return;
        open(next);
        cells[next].focus({ preventScroll: true });
        cursor.classList.add('focused');
      }
    });
  }
}
panel.addEventListener('keydown', event => {
  if (event.key === 'Escape' && current >= 0 && cells[current]) {
    cells[current].focus();
    cells[current].scrollIntoView({ block: 'nearest' });
  }
});

// By choosing the values of parameters.
const picker = find('.picker');
let choose = () => {};
if (picker) {
  const lists = [...picker.querySelectorAll('select')];
  const ascending = texts => [...new Set(texts)].sort((a, b) => value(a) - value(b));
  // Those lists after the first few offer what there is beside what these say.
  const fill = (from, wanted = lists.map(list => list.value)) => {
    for (let k = from; k < lists.length; k += 1) {
      const matching = points.filter(p => lists.slice(0, k).every((list, j) => list.value === p[j]));
      const texts = ascending(matching.map(p => p[k]));
      lists[k].replaceChildren(...texts.map(text => new Option(text)));
      if (texts.includes(wanted[k])) lists[k].value = wanted[k];
    }
  };
  fill(0);
  lists.forEach((list, k) => list.addEventListener('change', () => fill(k + 1)));
  choose = i => fill(0, points[i]);
  picker.addEventListener('submit', event => {
    event.preventDefault();
    open(points.findIndex(p => lists.every((list, k) => list.value === p[k])), { focus: true, scroll: true });
  });
  picker.hidden = false;
}

// All points as a table.
const all = find('#all');
if (all) {
  all.hidden = false;
  all.addEventListener('toggle', async () => {
    const place = find('div', all);
    if (!all.open || place.childElementCount) return;
    try {
      place.innerHTML = await unpack(find('#table').textContent);
    } catch {
      place.textContent = cannotUnpack;
    }
  });
  all.addEventListener('click', event => {
    const target = event.target.closest('[data-point]');
    if (!target) return;
    open(Number(target.dataset.point), { focus: true }).then(() => panel.scrollIntoView());
  });
}

// On a narrow screen the map shows the plane alone, and its key stands below as text.
if (svg && shapes.length) {
  const whole = svg.getAttribute('viewBox');
  const narrow = matchMedia('(max-width: 640px)');
  const fit = () => {
    svg.setAttribute('viewBox', whole);
    if (!narrow.matches) return;
    const boxes = [...svg.querySelectorAll('.cells, .axes, .panel-name')].map(part => part.getBBox());
    const x = Math.min(...boxes.map(b => b.x)) - 4, y = Math.min(...boxes.map(b => b.y)) - 4;
    const right = Math.max(...boxes.map(b => b.x + b.width)) + 4;
    const bottom = Math.max(...boxes.map(b => b.y + b.height)) + 4;
    if (right > x && bottom > y) svg.setAttribute('viewBox', `${x} ${y} ${right - x} ${bottom - y}`);
  };
  narrow.addEventListener('change', fit);
  addEventListener('beforeprint', () => svg.setAttribute('viewBox', whole));
  addEventListener('afterprint', fit);
  fit();
}

// A link to a point.
const fromHash = () => {
  const wanted = location.hash.slice(1).replaceAll('%2C', ',').split(',')
    .map(text => text === '' ? NaN : Number(text));
  const i = coordinates.findIndex(p => wanted.length === p.length
    && p.every((x, k) => Math.abs(x - wanted[k]) <= 1e-9 * Math.max(1e-3, Math.abs(x))));
  if (i >= 0 && i !== current) open(i);
};
addEventListener('hashchange', fromHash);
fromHash();

// While its sweep runs, the page is loaded again, with the point that is open.
const renewal = Number(document.querySelector('meta[name="renewal"]')?.content);
if (renewal > 0) setTimeout(() => location.reload(), 1000 * renewal);
})();
