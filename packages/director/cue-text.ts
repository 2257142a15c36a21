/** What a viewer reads: markup, ASS overrides and drawings, and ruby glosses taken out, entities resolved. Linear in its length. */
export function toPlainText(markup: string): string {
  return markup
    .replace(/<rt[^<>]*>[^<]*<\/rt>/g, '')
    .replace(/<[^<>]*>/g, '')
    .replace(/\{\s*\\([^{}]*)\}([^{]*)/g, (_whole, tags: string, after: string) => (/\\?\bp[1-9]/.test(tags) ? ' ' : after))
    .replace(/\{\/?[biusy]\}/gi, '')
    .replace(/\\[Nnh]/g, ' ')
    .replace(/&(amp|lt|gt|quot|apos|nbsp|lrm|rlm|#\d{1,7});/g, (_whole, name: string) => entity(name))
    .replace(/\p{Cc}/gu, ' ')
    .trim();
}

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ', lrm: '', rlm: '' };

function entity(name: string): string {
  const code = name.startsWith('#') ? Number(name.slice(1)) : null;
  if (code === null) return entities[name] ?? '';
  return code > 31 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : ' ';
}
