const short: readonly [number, string][] = [
  [1e12, 'tn'],
  [1e9, 'bn'],
  [1e6, 'm'],
];

/** A value as people read it: `42 %`, `$3.5m`, `1,250`, `15 hours`. Never rounded: what does not fit short is written out. */
export function formatValue(value: number, unit: string): string {
  const number = formatNumber(Math.abs(value));
  const sign = value < 0 ? '−' : '';
  if (unit === '') return `${sign}${number}`;
  if (/^[$€£¥]$/.test(unit)) return `${sign}${unit}${number}`;
  return unit === '%' || unit === '×' ? `${sign}${number}${unit === '%' ? ' ' : ''}${unit}` : `${sign}${number} ${unit}`;
}

function formatNumber(value: number): string {
  const [scale, letter] = short.find(([from]) => value >= from) ?? [1, ''];
  const scaled = Number((value / scale).toPrecision(12));
  const isShort = letter !== '' && Number(scaled.toFixed(2)) === scaled;
  return isShort ? `${scaled}${letter}` : value.toLocaleString('en-US', { maximumFractionDigits: 6 });
}
