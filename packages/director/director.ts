import type { Artifacts, AudioSignals, Beats, Insights, RangeS, Sights, Transcript, WordSpan } from '#contracts/artifacts';
import type { EditPlan } from '#contracts/plan';
import type { Settings } from '#contracts/settings';
import type { MetadataInput, VideoMetadata } from './metadata.ts';

/** All a director may know: finished artifacts, the decoded envelope, and the parts of the settings that `direct` uses. */
export interface DirectorInput {
  asset: Artifacts['asset'];
  source: Artifacts['source'];
  audio: Artifacts['audio_signals'];
  /** `audio_signals.envelope` decoded: hundredths of dB per 10 ms; null without sound. */
  envelope: Int16Array | null;
  video: Artifacts['video_signals'];
  transcript: Artifacts['transcript'];
  /** Left out when nobody looked behind the words. */
  insights?: Insights | undefined;
  /** Left out when nobody looked. */
  sights?: Sights | undefined;
  /** Left out unless cuts shall follow them. */
  beats?: Beats | undefined;
  settings: Pick<
    Settings,
    'content_type' | 'mode' | 'silence' | 'fillers' | 'loudness' | 'captions' | 'broll' | 'thumbnails' | 'templates' | 'clips'
  >;
  /** Chosen by whoever measured the noise. */
  denoise: EditPlan['audio']['denoise'];
}

/** What somebody who understands the words adds to the rules: they alone decide whether it can be cut without harm. */
export interface Marks {
  /** Soft fillers that carry no meaning where they stand. */
  fillers: readonly WordSpan[];
  /** Sentences that are said again, better, right after. */
  retakes: readonly WordSpan[];
}

/** What is heard, as far as it is needed to write it down. */
export interface Sound {
  audio: AudioSignals;
  envelope: Int16Array | null;
  durationS: number;
  contentType: Settings['content_type'];
  /** A stretch of it in a form that models take. */
  read(range: RangeS): Promise<{ bytes: Uint8Array; contentType: string }>;
}

export interface UnderstandInput {
  transcript: Transcript;
  mode: Settings['mode'];
  /** Whether passages for clips are wanted. */
  clips: boolean;
}

export interface LookInput {
  transcript: Pick<Transcript, 'words'>;
  durationS: number;
  /** Frames that stand for the footage, in order. */
  frames: readonly number[];
  /** One of them as a JPEG. */
  read(frame: number): Promise<Uint8Array>;
}

/**
 * Decides what a good editor would decide; nobody else decides anything. Whatever comes back is grounded: every word
 * time, number, quote and keyword is in the source, and every plan passes `checkPlan`. `direct` throws SOURCE_EMPTY_EDIT
 * when nothing would be left; a director that asks a model throws ProviderError.
 */
export interface Director {
  /** `rules`, or `gemini:<model>`. */
  by: string;
  transcribe(sound: Sound, signal: AbortSignal): Promise<Transcript>;
  understand(input: UnderstandInput, signal: AbortSignal): Promise<Insights>;
  /** What is to be seen where little is said. */
  look(input: LookInput, signal: AbortSignal): Promise<Sights>;
  direct(input: DirectorInput, signal: AbortSignal): Promise<EditPlan>;
  describe(input: MetadataInput, signal: AbortSignal): Promise<VideoMetadata>;
}
