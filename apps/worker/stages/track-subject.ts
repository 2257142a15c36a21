import { trackSubject } from '#media/reframe/subject-track';
import type { Stage } from '../stage.ts';

export const runTrackSubject: Stage<'track-subject'> = async ({ source }, { media, scratch, signal, open }) =>
  trackSubject({ path: await open(source.blob), video: source.video, tools: media }, { cwd: scratch, signal });
