/** Pure: seconds as `0:07.2`, `12:05` or `1:02:05`; tenths below a minute, where they matter. */
export function formatDuration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return '–';
  const tenths = Math.round(Math.abs(seconds) * 10);
  const sign = seconds < 0 && tenths > 0 ? '−' : '';
  if (tenths < 600) return `${sign}0:${(tenths / 10).toFixed(1).padStart(4, '0')}`;
  const whole = Math.round(tenths / 10);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const pair = (value: number) => String(value).padStart(2, '0');
  return sign + (hours > 0 ? `${hours}:${pair(minutes)}:${pair(rest)}` : `${minutes}:${pair(rest)}`);
}

/** Pure: a moment of the footage, `1:02.48`. */
export function formatMoment(seconds: number): string {
  const hundredths = Math.round(seconds * 100);
  const minutes = Math.floor(hundredths / 6000);
  const rest = ((hundredths % 6000) / 100).toFixed(2).padStart(5, '0');
  return minutes < 60 ? `${minutes}:${rest}` : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${rest}`;
}

/** Pure: how long something took. */
export function formatElapsed(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return '–';
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`;
}

/** Pure: decimal units, as disks and downloads are counted. */
export function formatBytes(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined || !Number.isFinite(bytes)) return '–';
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const value = bytes / 1000 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power]}`;
}

const steps = [
  { below: 60, per: 1, word: 's' },
  { below: 3_600, per: 60, word: 'min' },
  { below: 86_400, per: 3_600, word: 'h' },
  { below: Number.POSITIVE_INFINITY, per: 86_400, word: 'd' },
] as const;

/** Pure: how long ago a moment is. */
export function formatAge(time: string, nowMs: number): string {
  const seconds = Math.max(0, Math.floor((nowMs - Date.parse(time)) / 1_000));
  if (seconds < 5) return 'just now';
  const { per, word } = steps.find(({ below }) => seconds < below) ?? steps[3];
  return `${Math.floor(seconds / per)} ${word} ago`;
}

/** Pure: how much shorter the edit is, `−27 %`; an equal length is `0 %`. */
export function formatChange(before: number, after: number): string {
  if (before <= 0) return '–';
  const share = Math.round((100 * (after - before)) / before);
  return share === 0 ? '0 %' : `${share < 0 ? '−' : '+'}${Math.abs(share)} %`;
}

/** Pure: a measured value with so many digits and its unit; nothing measured is a dash. */
export function formatFigure(value: unknown, digits: number, unit = ''): string {
  if (typeof value !== 'number' || !Number.isFinite(value)) return '–';
  return `${value.toFixed(digits).replace('-', '−')}${unit && ` ${unit}`}`;
}

/** Pure: `awaiting_review` → `Awaiting review`, `ai` → `AI`. */
export function formatWord(word: string): string {
  const text = word.replaceAll(/[_-]/g, ' ').replaceAll(/\b(ai|api|cpu|gpu|rss)\b/g, (letters) => letters.toUpperCase());
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Pure: `1 cut`, `3 cuts`. */
export const formatCount = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;
