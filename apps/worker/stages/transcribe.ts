import { toFps } from '#contracts/rational';
import { parseTranscript } from '#director/transcript';
import { extractSpeech } from '#media/sound/speech-extract';
import type { Stage } from '../stage.ts';
import { readEnvelope } from './direct.ts';

/** The supplied words on the edit's clock; else what the model hears, or none. */
export const runTranscribe: Stage<'transcribe'> = async (input, tools) => {
  const { settings, asset, facts, source, audio_signals: audio } = input;
  const durationS = source.video.frames / toFps(source.video.fps);
  if (settings.transcript) return parseTranscript(settings.transcript, { durationS, videoStartS: facts.video.start_s, audio });
  const envelope = audio.envelope && (await readEnvelope(audio.envelope, tools));
  const speech = once(async () =>
    extractSpeech({ path: await tools.open(asset.blob), facts, durationS }, tools.media, { cwd: tools.scratch, signal: tools.signal }),
  );
  return tools.decide((director) =>
    director.transcribe(
      { audio, envelope, durationS, contentType: settings.content_type, read: async (range) => (await speech()).read(range) },
      tools.signal,
    ),
  );
};

/** Nothing is decoded unless somebody listens. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
