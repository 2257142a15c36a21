/**
 * What is wrong with a page for those who cannot see it well, one line each: controls without a name, pictures without a
 * text, ids used twice, headings that skip a level, text with a contrast below 4.5 : 1 (3 : 1 when large), a page that is
 * wider than its window. It runs in the browser, so it is text here.
 */
export const findBarriers = `(() => {
  const found = [];
  const seen = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && !element.closest('[aria-hidden="true"]');
  const say = (what, element) => found.push(what + ': ' + element.outerHTML.slice(0, 120));
  const textOf = (ids) => ids.split(' ').map((id) => document.getElementById(id)?.textContent ?? '').join('');
  const nameOf = (element) => (element.getAttribute('aria-label') || textOf(element.getAttribute('aria-labelledby') ?? '') ||
    [...(element.labels ?? [])].map((label) => label.textContent).join('') || (element.matches('a, button, summary') && element.textContent) || '').trim();
  for (const element of document.querySelectorAll('a, button, input, select, textarea, summary, video, [role="progressbar"], [role="region"]'))
    if (seen(element) && !nameOf(element)) say('no name', element);
  for (const element of document.querySelectorAll('img:not([alt])')) say('no text', element);
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  for (const id of ids.filter((id, index) => ids.indexOf(id) !== index)) found.push('id twice: ' + id);
  const levels = [...document.querySelectorAll('h1, h2, h3')].filter(seen).map(({ tagName }) => Number(tagName[1]));
  if (levels.filter((level) => level === 1).length !== 1) found.push('not one h1');
  levels.forEach((level, index) => index > 0 && level > levels[index - 1] + 1 && found.push('heading skips to h' + level));
  if (document.documentElement.scrollWidth > innerWidth) found.push('wider than its window by ' + (document.documentElement.scrollWidth - innerWidth));

  const canvas = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d', { willReadFrequently: true });
  const paint = (colours) => {
    for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const luminance = (rgb) => rgb.map((value) => value / 255).map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
    .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
  const grounds = (element) => (element ? [...grounds(element.parentElement), getComputedStyle(element).backgroundColor] : ['#fff']);
  let measured = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !seen(element) || element.matches(':disabled, noscript, .unseen, .unseen *, .skip')) continue;
    const style = getComputedStyle(element);
    const under = grounds(element);
    const [light, dark] = [luminance(paint(under)), luminance(paint([...under, element instanceof SVGElement ? style.fill : style.color]))].sort((a, b) => b - a);
    const size = parseFloat(style.fontSize);
    const least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    measured += 1;
    if ((light + 0.05) / (dark + 0.05) < least) say('contrast ' + ((light + 0.05) / (dark + 0.05)).toFixed(2), element);
  }
  if (measured < 5) found.push('only ' + measured + ' texts were measured');
  return [...new Set(found)];
})()`;
