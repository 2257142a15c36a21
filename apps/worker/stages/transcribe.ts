import { toFps } from '#contracts/rational';
import { noTranscript, parseTranscript } from '#director/transcript';
import type { Stage } from '../stage.ts';

/** The supplied words on the edit's clock, or none. */
export const runTranscribe: Stage<'transcribe'> = async ({ settings, facts, source, audio_signals }) => {
  if (!settings.transcript) return noTranscript;
  const durationS = source.video.frames / toFps(source.video.fps);
  return parseTranscript(settings.transcript, { durationS, videoStartS: facts.video.start_s, audio: audio_signals });
};
