import type { Encoder } from '#contracts/render-specs';
import type { Codec, Mode } from '#contracts/request';
import type { MediaCommand } from '../command.ts';

/** How one maker's encoders are spoken to. Speed and quality of none were measured here. */
interface Family {
  presets: Record<Mode, string>;
  /** From the software rate factor of the same rung to this family's own scale. */
  toQuality(crf: number): number;
  options(encoder: Pick<Encoder, 'preset' | 'crf'>): string[];
  /** Filters that hand pictures to the device. */
  upload: string[];
  pixelFormat: string;
}

const device = '/dev/dri/renderD128';
const same = (preset: string): Record<Mode, string> => ({ fast: preset, balanced: preset, high_quality: preset });

/** `cq ≈ crf + 7` for NVENC is another project's figure; the others have scales like x264's. */
const families = {
  nvenc: {
    presets: { fast: 'p2', balanced: 'p4', high_quality: 'p6' },
    toQuality: (crf) => crf + 7,
    options: ({ preset, crf }) => ['-preset', preset, '-rc', 'vbr', '-cq', String(crf), '-b:v', '0', '-forced-idr', '1', '-bf', '2'],
    upload: [],
    pixelFormat: 'yuv420p',
  },
  qsv: {
    presets: { fast: 'veryfast', balanced: 'medium', high_quality: 'slow' },
    toQuality: (crf) => crf + 2,
    options: ({ preset, crf }) => ['-preset', preset, '-global_quality', String(crf), '-look_ahead', '0', '-bf', '2'],
    upload: [],
    pixelFormat: 'nv12',
  },
  vaapi: {
    presets: same('default'),
    toQuality: (crf) => crf + 2,
    options: ({ crf }) => ['-vaapi_device', device, '-rc_mode', 'CQP', '-qp', String(crf), '-bf', '2'],
    upload: ['format=nv12', 'hwupload'],
    pixelFormat: 'vaapi',
  },
  videotoolbox: {
    presets: same('default'),
    toQuality: (crf) => Math.max(1, 100 - 2 * crf),
    options: ({ crf }) => ['-q:v', String(crf), '-allow_sw', '0', '-bf', '2'],
    upload: [],
    pixelFormat: 'yuv420p',
  },
} as const satisfies Record<string, Family>;

/** CUDA reserves address space as large as all memory together, so the backstop of software runs would stop it. */
export const hardwareLimits = { memoryBytes: 2 ** 42, stallS: 30 } as const;

/** Encoders worth a trial, the preferred one first. */
export function listHardwareEncoders(encoders: ReadonlySet<string>): string[] {
  const names = Object.keys(families).flatMap((family) => ['h264', 'hevc', 'av1', 'vp9'].map((codec) => `${codec}_${family}`));
  return names.filter((name) => encoders.has(name));
}

/** The first working encoder of a codec, or null. */
export function findHardwareEncoder(codec: Codec, working: ReadonlySet<string>): string | null {
  return listHardwareEncoders(working).find((name) => name.startsWith(`${codec}_`)) ?? null;
}

/** The rung of a hardware encoder that stands for a software rung. */
export function toHardwareRung(name: string, { mode, crf }: { mode: Mode; crf: number }): { preset: string; crf: number } {
  const family = familyOf(name);
  return { preset: family.presets[mode], crf: family.toQuality(crf) };
}

export function buildHardwareOptions(encoder: Pick<Encoder, 'name' | 'preset' | 'crf' | 'gop'>): string[] {
  const { options, upload, pixelFormat } = familyOf(encoder.name);
  const format = upload.length > 0 ? [] : ['-pix_fmt', pixelFormat];
  return ['-c:v', encoder.name, ...options(encoder), ...format, '-g', String(encoder.gop)];
}

/** What stands behind all other filters of a picture that a hardware encoder takes. */
export const buildUploadFilters = ({ name, hardware }: Pick<Encoder, 'name' | 'hardware'>): readonly string[] =>
  hardware ? familyOf(name).upload : [];

/** Three frames: a listed encoder proves nothing, an encode does. Below about 145 pixels NVENC refuses. */
export function buildTrialCommand(name: string): MediaCommand {
  const { presets, toQuality } = familyOf(name);
  const encoder = { name, preset: presets.fast, crf: toQuality(24), gop: 30 };
  const filters = [...familyOf(name).upload];
  return {
    inputs: [{ path: 'color=black:s=256x256:r=30', format: 'lavfi' }],
    outputs: [
      {
        path: 'trial',
        options: [
          ...['-frames:v', '3', ...(filters.length > 0 ? ['-vf', filters.join(',')] : [])],
          ...[...buildHardwareOptions(encoder), '-f', 'null'],
        ],
      },
    ],
  };
}

function familyOf(name: string): Family {
  const family = families[name.slice(name.indexOf('_') + 1) as keyof typeof families];
  if (!family) throw new RangeError(`no family of hardware encoders: ${name}`);
  return family;
}
