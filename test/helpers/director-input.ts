import type { Transcript } from '#contracts/artifacts';
import type { VideoFacts } from '#contracts/footage';
import type { DirectorInput } from '#director/director';

const video: VideoFacts = {
  index: 0,
  codec: 'h264',
  profile: 'High',
  pix_fmt: 'yuv420p',
  bit_depth: 8,
  width: 1280,
  height: 720,
  display_width: 1280,
  display_height: 720,
  rotation: 0,
  sar: '1/1',
  fps: '25/1',
  frames: 250,
  cfr: true,
  field_order: 'progressive',
  full_range: false,
  color: { space: 'bt709', transfer: 'bt709', primaries: 'bt709' },
  hdr: false,
  has_b_frames: 0,
  time_base: '1/12800',
  start_s: 0,
  keyframes: [0],
  open_gops: [],
};
const blob = { key: 'blob', bytes: 1, sha256: 'ab', content_type: 'video/mp4' };

export type Said = readonly [text: string, start_s: number, end_s: number];

export interface Take {
  /** Spans of speech in seconds; −20 dB there, −60 dB elsewhere, and −60 dB between words that do not touch. */
  speech?: readonly (readonly [number, number])[];
  undecided?: readonly (readonly [number, number])[];
  words?: readonly Said[];
  interpolated?: boolean;
  frames?: number;
  fps?: string;
  settings?: Partial<DirectorInput['settings']>;
  silentFilm?: boolean;
}

/** All a director may know of an imagined take. */
export function directorInput(take: Take = {}): DirectorInput {
  const { speech = [], undecided = [], words = [], frames = 250, fps = '25/1' } = take;
  const [num, den] = fps.split('/').map(Number);
  const durationS = (frames * den!) / num!;
  const toRange = ([start_s, end_s]: readonly [number, number]) => ({ start_s, end_s });
  return {
    asset: { blob },
    source: { blob, normalized: false, video: { ...video, frames, fps } },
    audio: {
      present: !take.silentFilm,
      speech: speech.map(toRange),
      undecided: undecided.map(toRange),
      envelope: null,
      loudness: { integrated_lufs: -20, range_lu: 5, true_peak_dbtp: -3 },
      noise: { estimated_snr_db: 40, rumble_db: 0, spread_db: null },
      duration_s: durationS,
    },
    envelope: take.silentFilm ? null : toEnvelope(take, durationS),
    video: { scenes: [], candidates: [] },
    transcript: {
      origin: words.length > 0 ? 'supplied' : 'none',
      words: words.map((word) => toWord(word, take.interpolated ?? false)),
      warnings: [],
    },
    settings: {
      content_type: 'general',
      mode: 'balanced',
      silence: { min_silence_ms: 350, pad_ms: 80, max_pause_ms: 0 },
      fillers: { language: 'en' },
      loudness: { target_lufs: -14 },
      captions: { burn: false, formats: ['srt'] },
      broll: null,
      thumbnails: null,
      templates: null,
      clips: null,
      ...take.settings,
    },
    denoise: { method: 'none', wet: 0, estimated_snr_db: 40 },
  };
}

const toWord = ([text, start_s, end_s]: Said, interpolated: boolean): Transcript['words'][number] => ({
  text,
  start_s,
  end_s,
  interpolated,
});

function toEnvelope({ speech = [], words = [] }: Take, durationS: number): Int16Array {
  return Int16Array.from({ length: Math.ceil(durationS * 100) }, (_, index) => {
    const atS = (index + 0.5) / 100;
    const isIn = (start_s: number, end_s: number) => start_s <= atS && atS < end_s;
    const spoken = speech.some(([start_s, end_s]) => isIn(start_s, end_s));
    const between = words.length > 0 && !words.some(([, start_s, end_s]) => isIn(start_s, end_s));
    return spoken && !between ? -2000 : -6000;
  });
}
