// What can only be measured where text has a size: overlaps, and contrast.
(() => {
  const visible = element => {
    const box = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    return box.width > 0 && box.height > 0 && style.visibility !== 'hidden' && style.opacity !== '0';
  };
  const words = element => element.textContent.trim().replace(/\s+/g, ' ').slice(0, 60);

  // Texts of a figure that overlap each other or leave it. Boxes of letters are higher than what is seen of them: a quarter of
  // the height may be shared.
  const overlaps = svg => {
    const page = svg.getBoundingClientRect();
    const found = [];
    const texts = [...svg.querySelectorAll('text')].filter(visible).map(text => {
      const box = text.getBoundingClientRect();
      const turned = (text.getAttribute('transform') || '').includes('rotate');
      const [x, y] = turned ? [box.width * 0.12, 0] : [0, box.height * 0.12];
      return { name: words(text), left: box.left + x, right: box.right - x, top: box.top + y, bottom: box.bottom - y };
    });
    texts.forEach((a, i) => {
      if (a.left < page.left - 0.5 || a.right > page.right + 0.5 || a.top < page.top - 0.5 || a.bottom > page.bottom + 0.5)
        found.push(`“${a.name}” leaves the figure`);
      for (const b of texts.slice(i + 1))
        if (a.left < b.right - 0.5 && b.left < a.right - 0.5 && a.top < b.bottom - 0.5 && b.top < a.bottom - 0.5)
          found.push(`“${a.name}” overlaps “${b.name}”`);
    });
    return found;
  };

  const channels = colour => (colour.match(/[\d.]+/g) || []).map(Number);
  const luminance = ([r, g, b]) => {
    const linear = [r, g, b].map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const ratio = (a, b) => {
    const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05);
  };
  const background = element => {
    for (let at = element; at; at = at.parentElement) {
      if (at instanceof SVGSVGElement) {
        const paper = at.querySelector(':scope > rect');
        if (paper) return channels(getComputedStyle(paper).fill);
      }
      const colour = channels(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] > 0.99) return colour.slice(0, 3);
    }
    return [255, 255, 255];
  };

  // Texts with less contrast than WCAG 2.2 AA asks for; those on the coloured cells of a map, which have a paper of their own,
  // are left out.
  const faint = () => {
    const found = new Set();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const element = walker.currentNode.parentElement;
      if (!walker.currentNode.data.trim() || !element || !visible(element)) continue;
      if (['SCRIPT', 'STYLE', 'NOSCRIPT', 'title', 'desc', 'OPTION'].includes(element.tagName)) continue;
      if (element.closest('metadata, .overlay, title, desc, defs')) continue;
      const style = getComputedStyle(element);
      const isDrawn = element.namespaceURI.endsWith('svg');
      const contrast = ratio(channels(isDrawn ? style.fill : style.color), background(element));
      const size = parseFloat(style.fontSize);
      const needed = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
      if (contrast < needed) found.add(`${contrast.toFixed(2)} : 1 of “${words(element)}”`);
    }
    return [...found];
  };

  const worst = () => {
    let least = 21;
    for (const element of document.querySelectorAll('p, td, th, dt, dd, button, figcaption, h1, h2, summary')) {
      if (visible(element)) least = Math.min(least, ratio(channels(getComputedStyle(element).color), background(element)));
    }
    return least;
  };
  return { overlaps, faint, worst };
})()
