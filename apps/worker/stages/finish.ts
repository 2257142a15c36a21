import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OutputFile } from '#contracts/artifacts';
import { toFps } from '#contracts/rational';
import { detectContentType } from '#director/content-type';
import { planWarnings } from '#director/plan-warnings';
import type { Stage, StageInput } from '../stage.ts';
import { checkOutputs } from './check-outputs.ts';
import { readEnvelope } from './direct.ts';

/** Every output looked at once more, and the parts of the report that depend on the edit alone. */
export const runFinish: Stage<'finish'> = async (input, tools) => {
  const { facts, audio_signals, transcript, plan, timeline, audio, video, settings } = input;
  const optional = [input.preview, input.thumbnails, input.captions, ...(input.clip ?? []), input.metadata, input.interchange].filter(
    (made) => made !== undefined,
  );
  const made = [video, audio, ...optional];
  const outputs = [...made.flatMap((artifact) => artifact.outputs), await storePlan(plan, tools)];
  await checkOutputs(outputs, { frames: timeline.frames, durationS: timeline.frames / toFps(timeline.fps) }, tools);
  const envelope = audio_signals.envelope && (await readEnvelope(audio_signals.envelope, tools));
  const sources = [facts, transcript, timeline, ...made];
  return {
    outputs,
    content_type: detectContentType({ requested: settings.content_type, audio: audio_signals, envelope, transcript }),
    render: { ...toRender(input), overlays: toDrawn(timeline) },
    quality: toQuality(input),
    ...(input.research && { research: input.research }),
    warnings: [...planWarnings({ plan, audio: audio_signals, transcript, settings }), ...sources.flatMap(({ warnings }) => warnings)],
  };
};

async function storePlan(plan: StageInput<'finish'>['plan'], { scratch, store }: Parameters<Stage<'finish'>>[1]): Promise<OutputFile> {
  const path = join(scratch, 'plan.json');
  await writeFile(path, JSON.stringify(plan, null, 2));
  return { name: 'plan.json', kind: 'plan', blob: await store(path, 'application/json') };
}

/** Pure: how the picture was made, span by span on the output's own frames. */
function toRender({ source, timeline, video }: StageInput<'finish'>): Record<string, unknown> {
  let position = 0;
  const spans = video.spans.map(({ frames, how, source_start_frame }) => {
    const start_frame = position;
    position += frames;
    return { start_frame, end_frame: position, how, source_start_frame };
  });
  const copied = video.spans.reduce((sum, { how, frames }) => sum + (how === 'copy' ? frames : 0), 0);
  const { name, preset, crf, threads, hardware, pix_fmt } = timeline.encoder;
  return {
    mode: toMode(copied, video.frames),
    encoder: { name, preset, crf, threads, hardware, pix_fmt },
    frames: timeline.frames,
    copied_frames: copied,
    encoded_frames: video.frames - copied,
    chunks: timeline.chunks.length,
    normalized: source.normalized,
    spans,
    fallbacks: video.fallbacks,
  };
}

function toMode(copied: number, frames: number): 'smart' | 'full' | 'copy' {
  if (copied === 0) return 'full';
  return copied === frames ? 'copy' : 'smart';
}

/** Pure: the cards over the output, on its own frames; one across a seam is in two pieces. */
function toDrawn({ chunks }: StageInput<'finish'>['timeline']): Record<string, unknown>[] {
  let position = 0;
  const drawn = new Map<number, Record<string, unknown>>();
  for (const { overlays = [], frames } of chunks) {
    for (const { drawing, start_frame, frames: length } of overlays) {
      const start = position + start_frame;
      drawn.set(start, { kind: drawing.kind, start_frame: start, end_frame: start + length, spec: drawing.spec });
    }
    position += frames;
  }
  return [...drawn.values()];
}

/** Pure: what was measured on the outputs, and what was taken away. */
function toQuality({ plan, audio, video }: StageInput<'finish'>): Record<string, unknown> {
  const secondsOf = (reason: string) =>
    plan.cuts.filter((cut) => cut.reason === reason).reduce((sum, cut) => sum + cut.end_frame - cut.start_frame, 0) /
    toFps(plan.source.fps);
  const removedS = secondsOf('silence');
  return {
    ssim: video.ssim,
    ...(video.vmaf && { vmaf: video.vmaf }),
    metrics: video.vmaf ? ['ssim', 'vmaf'] : ['ssim'],
    seams: video.seams,
    drift_ms: video.drift_ms,
    loudness: {
      before_lufs: audio.before_lufs,
      after_lufs: audio.after_lufs,
      true_peak_dbtp: audio.true_peak_dbtp,
      target_lufs: plan.audio.target_lufs,
    },
    denoise: audio.denoise,
    silence: { removed_s: round(removedS), share: round(removedS / plan.source.duration_s) },
    fillers: {
      removed: plan.cuts.filter(({ reason }) => reason === 'filler' || reason === 'repeat').length,
      uncertain: plan.uncertain.length,
    },
  };
}

const round = (value: number) => Math.round(value * 1000) / 1000;
