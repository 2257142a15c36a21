import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OutputFile } from '#contracts/artifacts';
import { drawnAbove, toThumbnailDrawing } from '#director/thumbnail-drawing';
import { buildRedrawCommand, exportThumbnails, titleThumbnail } from '#media/sight/thumbnails';
import type { Stage, StageInput, StageTools } from '../stage.ts';

/** The frames that the plan names, at full size, with their headlines; those that are worth it drawn anew by a model, when the job has one. */
export const runThumbnails: Stage<'thumbnails'> = async (input, tools) => {
  const shots = await exportShots(input, tools);
  const drawn = await redraw(shots, input, tools);
  for (const { name, layout, headline, width, height } of shots.filter((shot) => shot.headline.trim() !== '' && !drawn.has(shot))) {
    const wish = { name, layout, headline, width, height, theme: input.settings.theme, tools: tools.media };
    await titleThumbnail(wish, { cwd: tools.scratch, signal: tools.signal });
  }
  const outputs: OutputFile[] = [];
  for (const shot of shots) {
    const { name, width, height } = shot;
    const media = { width, height, ...(drawn.has(shot) && { drawn: true }) };
    outputs.push({ name, kind: 'thumbnail', blob: await tools.store(join(tools.scratch, name), 'image/jpeg'), media });
  }
  const none = { code: 'NO_THUMBNAILS', stage: 'thumbnails', message: 'No frame stands far enough from every cut to show the video.' };
  return { outputs, warnings: outputs.length === 0 ? [none] : [] };
};

type Shot = StageInput<'thumbnails'>['plan']['thumbnails'][number] & { name: string; width: number; height: number };

async function exportShots({ source, plan }: StageInput<'thumbnails'>, { media, scratch, signal, open }: StageTools): Promise<Shot[]> {
  const stills = plan.thumbnails.map((thumbnail, index) => ({ ...thumbnail, name: `thumbnail-${index + 1}.jpg` }));
  const wish = { sourcePath: await open(source.blob), video: source.video, stills, tools: media };
  const { width, height } = await exportThumbnails(wish, { cwd: scratch, signal });
  return stills.map((still) => ({ ...still, width, height }));
}

/** Those that a model drew; one question for all of them. */
async function redraw(shots: readonly Shot[], { settings }: StageInput<'thumbnails'>, tools: StageTools): Promise<ReadonlySet<Shot>> {
  const drawn = new Set<Shot>();
  const hot = shots.filter(({ impact }) => impact > drawnAbove);
  const [first] = hot;
  if (!first || !settings.ai || settings.mode === 'fast') return drawn;
  const frames = hot.map(async ({ headline, name }) => ({ headline, jpeg: await readFile(join(tools.scratch, name)) }));
  const pictures = await tools.draw(toThumbnailDrawing(await Promise.all(frames), first));
  for (const [index, { bytes }] of (pictures ?? []).entries()) {
    const shot = hot[index];
    if (!shot) break;
    const path = join(tools.scratch, `drawn-${index + 1}`);
    await writeFile(path, bytes);
    await tools.media.run(buildRedrawCommand({ path, name: shot.name, width: shot.width, height: shot.height }), {
      cwd: tools.scratch,
      signal: tools.signal,
    });
    drawn.add(shot);
  }
  return drawn;
}
