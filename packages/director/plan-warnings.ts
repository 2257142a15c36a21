import type { AudioSignals, Transcript } from '#contracts/artifacts';
import type { Warning } from '#contracts/footage';
import type { EditPlan } from '#contracts/plan';
import { toFps } from '#contracts/rational';
import type { Settings } from '#contracts/settings';
import { clipLimitsS } from './clip-windows.ts';
import { countKept, overlapS } from './ranges.ts';

export interface PlanWarningsInput {
  plan: Pick<EditPlan, 'source' | 'keep' | 'cuts' | 'uncertain' | 'captions' | 'clips' | 'overlays' | 'beats'>;
  audio: Pick<AudioSignals, 'present' | 'undecided' | 'duration_s'>;
  transcript: Pick<Transcript, 'words'>;
  settings: Pick<Settings, 'silence' | 'fillers' | 'captions' | 'broll' | 'clips' | 'beat_sync'>;
}

/** What the owner of the job should know about an edit that was made all the same; pure, so any later stage can ask again. */
export function planWarnings({ plan, audio, transcript, settings }: PlanWarningsInput): Warning[] {
  const wantsCuts = settings.silence !== null || settings.fillers !== null;
  const removed = plan.cuts.reduce((sum, cut) => sum + cut.end_frame - cut.start_frame, 0) / Math.max(1, plan.source.frames);
  const undecidedS = audio.undecided.reduce((sum, span) => sum + overlapS(span, { start_s: 0, end_s: audio.duration_s }), 0);
  const spoken = transcript.words.length > 0;
  return [
    ...when(
      removed > largeShare,
      'EDIT_REMOVES_MOST',
      `${Math.round(removed * 100)} % of the footage is cut; look at the plan before you publish`,
    ),
    ...when(wantsCuts && !audio.present, 'NO_SOUND', 'the footage has no sound, so nothing was looked for in it'),
    ...when(
      wantsCuts && undecidedS > 0,
      'SILENCE_UNDECIDED',
      `speech and background cannot be told apart for ${undecidedS.toFixed(1)} s; they were kept`,
    ),
    ...when(
      settings.fillers !== null && audio.present && !spoken,
      'FILLERS_NEED_TRANSCRIPT',
      'fillers are found in a transcript, and there is none',
    ),
    ...when(settings.captions !== null && !spoken, 'CAPTIONS_EMPTY', 'there is no transcript, so there are no captions'),
    ...when(settings.beat_sync && plan.beats === null, 'NO_BEATS', 'no beat can be heard, so nothing was cut to one'),
    ...clipWarnings({ plan, spoken, settings }),
    ...when(
      settings.broll !== null && plan.overlays.length === 0,
      'BROLL_EMPTY',
      spoken ? 'nothing was said that a chart or a card could show' : 'illustrations are made of what is said, and there is no transcript',
    ),
    ...when(plan.uncertain.length > 0, 'FILLERS_UNCERTAIN', `possible fillers left for a reviewer: ${plan.uncertain.length}`),
  ];
}

function clipWarnings({ plan, spoken, settings }: Pick<PlanWarningsInput, 'plan' | 'settings'> & { spoken: boolean }): Warning[] {
  if (settings.clips === null) return [];
  const { count } = settings.clips;
  const { clips, keep } = plan;
  const fps = toFps(plan.source.fps);
  const shortestS = Math.min(...clips.map((clip) => countKept(keep, clip) / fps));
  return [
    ...when(clips.length === 0, 'NO_CLIPS', 'no part of 15 to 60 s begins and ends in a pause, so there are no clips'),
    ...when(
      clips.length > 0 && shortestS < clipLimitsS.shortest - 0.1,
      'CLIP_SHORT',
      `a clip lasts ${shortestS.toFixed(1)} s; the edit gives no more`,
    ),
    ...when(
      count !== 'auto' && clips.length > 0 && clips.length < count,
      'CLIPS_FEWER',
      `${clips.length} of ${count} clips: there is no more material that is not in a better one`,
    ),
    ...when(
      clips.length > 0 && !spoken,
      'CLIPS_WITHOUT_TRANSCRIPT',
      'clips were chosen by sound and scenes alone, because there is no transcript',
    ),
  ];
}

const largeShare = 0.7;
const when = (holds: boolean, code: string, message: string): Warning[] => (holds ? [{ code, stage: 'direct', message }] : []);
