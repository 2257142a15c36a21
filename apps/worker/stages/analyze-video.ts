import { analyzeVideo } from '#media/sight/scenes';
import type { Stage } from '../stage.ts';

export const runAnalyzeVideo: Stage<'analyze-video'> = async ({ source }, { media, scratch, signal, open }) =>
  analyzeVideo({ path: await open(source.blob), video: source.video, tools: media }, { cwd: scratch, signal });
