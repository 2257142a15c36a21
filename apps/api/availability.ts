import type { Warning } from '#contracts/footage';
import type { Media } from '#contracts/job';
import type { Settings } from '#contracts/settings';

interface Wish {
  pointer: string;
  wanted: (settings: Settings) => boolean;
  message: string;
}

const withoutSound: readonly Wish[] = [
  { pointer: 'features.beat_sync', wanted: ({ beat_sync }) => beat_sync, message: 'The footage has no sound with a beat.' },
  { pointer: 'features.audio_enhance', wanted: ({ enhance }) => enhance, message: 'The footage has no sound to enhance.' },
  { pointer: 'features.loudness', wanted: ({ loudness }) => loudness !== null, message: 'The footage has no sound to level.' },
  {
    pointer: 'features.captions',
    wanted: ({ captions, transcript }) => captions !== null && transcript === null,
    message: 'The footage has no speech to caption.',
  },
];

/** Pure: wishes that will not come true, one warning each. `media` is null while the footage is not here. */
export function unavailableFeatures(settings: Settings, media: Media | null): Warning[] {
  return (media && !media.audio ? withoutSound : [])
    .filter(({ wanted }) => wanted(settings))
    .map(({ pointer, message }) => ({ code: 'FEATURE_UNAVAILABLE', stage: 'request', message: `${pointer}: ${message}` }));
}
