/** Where text goes and what it may look like there. */
export interface Terminal {
  columns: number;
  colour: boolean;
  /** A line may be drawn again and again; otherwise every line is final. */
  live: boolean;
}

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';
const codes: Record<Style, [number, number]> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
};

/** NO_COLOR wins over everything (https://no-color.org); a pipe gets neither colour nor redrawn lines. */
export function toTerminal(stream: { isTTY?: boolean; columns?: number }, env: NodeJS.ProcessEnv): Terminal {
  const live = stream.isTTY === true && env['TERM'] !== 'dumb';
  return { columns: Math.min(stream.columns ?? 100, 120), colour: live && !env['NO_COLOR'], live };
}

export function paint(terminal: Terminal, style: Style, text: string): string {
  const [on, off] = codes[style];
  return terminal.colour ? `\u001b[${on}m${text}\u001b[${off}m` : text;
}

/** Columns that the text takes: without colour codes, with wide letters counted twice. */
export function widthOf(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes begin with one
  const bare = text.replace(/\u001b\[\d+m/g, '');
  return [...bare].reduce((width, letter) => width + (isWide(letter.codePointAt(0)!) ? 2 : /\p{M}/u.test(letter) ? 0 : 1), 0);
}

function isWide(code: number): boolean {
  return (code >= 0x1100 && code <= 0x115f) || (code >= 0x2e80 && code <= 0xa4cf) || (code >= 0xac00 && code <= 0xd7a3) || code >= 0x1f300;
}

export function pad(text: string, columns: number, side: 'left' | 'right' = 'right'): string {
  const space = ' '.repeat(Math.max(0, columns - widthOf(text)));
  return side === 'right' ? text + space : space + text;
}

/** Cuts in the middle, where names differ least. */
export function shorten(text: string, columns: number): string {
  const letters = [...text];
  if (letters.length <= columns) return text;
  const kept = columns - 1;
  return `${letters.slice(0, Math.ceil(kept / 2)).join('')}…${letters.slice(letters.length - Math.floor(kept / 2)).join('')}`;
}

/** Rows as columns, as wide as their widest cell; numbers (`right`) end in one line. */
export function toTable(rows: readonly (readonly string[])[], { right = [], gap = 3 }: { right?: number[]; gap?: number } = {}): string[] {
  const widths: number[] = [];
  for (const row of rows) for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, widthOf(cell));
  const side = (index: number) => (right.includes(index) ? 'left' : 'right');
  return rows.map((row) =>
    row
      .map((cell, index) => pad(cell, widths[index]!, side(index)))
      .join(' '.repeat(gap))
      .trimEnd(),
  );
}

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar of `columns` that is `share` full, in eighths of a column. */
export function toBar(share: number, columns: number): string {
  const units = Math.round(Math.min(1, Math.max(0, share)) * columns * 8);
  return '█'.repeat(Math.floor(units / 8)) + eighths[units % 8];
}

export function toBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  const value = bytes / 1000 ** power;
  return `${value.toFixed(power === 0 || value >= 100 ? 0 : 1)} ${units[power]}`;
}

/** 9.4 s below two minutes, then 3:07 or 1:02:05. */
export function toDuration(timeS: number): string {
  if (timeS < 120) return `${timeS.toFixed(1)} s`;
  const whole = Math.round(timeS);
  const parts = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60, whole % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return shown.map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, '0'))).join(':');
}
