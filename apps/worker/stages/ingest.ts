import { probeSource } from '#media/source/probe';
import type { Stage } from '../stage.ts';

/** Hostile or broken media ends here, with a typed refusal; every later stage trusts these facts. */
export const createIngestStage =
  ({ maxPixels }: { maxPixels: number }): Stage<'ingest'> =>
  async ({ asset }, { media, scratch, signal, open }) =>
    probeSource(await open(asset.blob), { media, cwd: scratch, signal, limits: { maxPixels } });
