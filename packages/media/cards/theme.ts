import type { ThemeChoice, ThemeName } from '#contracts/overlays';

/** Every colour of a card. `accent` is for shapes; `accentText` is what can be read on the panel. */
export interface Theme {
  panel: string;
  text: string;
  muted: string;
  accent: string;
  accentText: string;
  /** Written on the accent. */
  onAccent: string;
  /** Bars that are not the point, tracks behind bars, hairlines. */
  second: string;
  track: string;
}

type Colours = Omit<Theme, 'accentText' | 'onAccent'>;

export const themes: Record<ThemeName, Colours> = {
  midnight: { panel: '#0f172a', text: '#f8fafc', muted: '#b4c0d3', accent: '#38bdf8', second: '#64748b', track: '#1f2b44' },
  paper: { panel: '#fbfaf6', text: '#1c1917', muted: '#57534e', accent: '#c2410c', second: '#a8a29e', track: '#e9e4da' },
  signal: { panel: '#101010', text: '#ffffff', muted: '#c4c4c4', accent: '#facc15', second: '#7a7a7a', track: '#2a2a2a' },
};

/** WCAG's bound for text; an accent of the owner's that is fainter on the panel is moved towards the text colour. */
export const minContrast = 4.5;

export function chooseTheme({ theme, accent }: ThemeChoice): Theme {
  const colours = { ...themes[theme], ...(accent === undefined ? {} : { accent }) };
  const onAccent = contrast('#ffffff', colours.accent) >= contrast('#000000', colours.accent) ? '#ffffff' : '#000000';
  return { ...colours, accentText: toReadable(colours.accent, colours), onAccent };
}

/** WCAG 2 contrast of two opaque colours, 1–21. */
export function contrast(one: string, other: string): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light! + 0.05) / (dark! + 0.05);
}

function toReadable(colour: string, { panel, text }: Pick<Colours, 'panel' | 'text'>): string {
  const steps = Array.from({ length: 11 }, (_, step) => mix(colour, text, step / 10));
  return steps.find((step) => contrast(step, panel) >= minContrast) ?? text;
}

const channels = (hex: string): number[] => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));

function luminance(hex: string): number {
  const [red, green, blue] = channels(hex).map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

function mix(one: string, other: string, share: number): string {
  const to = channels(other);
  return `#${channels(one)
    .map((value, index) =>
      Math.round(value + (to[index]! - value) * share)
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;
}
