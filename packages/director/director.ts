import type { Artifacts } from '#contracts/artifacts';
import type { EditPlan } from '#contracts/plan';
import type { Settings } from '#contracts/settings';

/** All a director may know: finished artifacts, the decoded envelope, and the parts of the settings that `direct` uses. */
export interface DirectorInput {
  asset: Artifacts['asset'];
  source: Artifacts['source'];
  audio: Artifacts['audio_signals'];
  /** `audio_signals.envelope` decoded: hundredths of dB per 10 ms; null without sound. */
  envelope: Int16Array | null;
  video: Artifacts['video_signals'];
  transcript: Artifacts['transcript'];
  settings: Pick<Settings, 'content_type' | 'mode' | 'silence' | 'fillers' | 'loudness' | 'captions' | 'broll' | 'thumbnails' | 'clips'>;
  /** Chosen by whoever measured the noise. */
  denoise: EditPlan['audio']['denoise'];
}

/**
 * Decides the edit; the only place where decisions are made. What comes back passes `checkPlan`. Throws
 * SOURCE_EMPTY_EDIT when nothing would be left.
 */
export type Director = (input: DirectorInput, signal: AbortSignal) => EditPlan | Promise<EditPlan>;
