import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toFps } from '#contracts/rational';
import { analyzeAudio } from '#media/sound/analyze-audio';
import type { Stage } from '../stage.ts';

export const runAnalyzeAudio: Stage<'analyze-audio'> = async ({ asset, facts, source }, tools) => {
  const { media, scratch, signal, progress } = tools;
  const durationS = source.video.frames / toFps(source.video.fps);
  const sound = { path: await tools.open(asset.blob), facts, durationS };
  const { signals, envelope } = await analyzeAudio(sound, media, { cwd: scratch, signal, onProgress: progress });
  return { ...signals, envelope: envelope && (await storeEnvelope(envelope, tools)) };
};

async function storeEnvelope(envelope: Int16Array, { scratch, store }: Parameters<Stage<'analyze-audio'>>[1]) {
  const path = join(scratch, 'envelope.i16');
  await writeFile(path, Buffer.from(envelope.buffer, envelope.byteOffset, envelope.byteLength));
  return store(path, 'application/octet-stream');
}
