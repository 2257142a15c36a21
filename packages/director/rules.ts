import { CutroomError } from '#contracts/errors';
import type { Cut, EditPlan } from '#contracts/plan';
import { toFps } from '#contracts/rational';
import { findBeatCuts } from './beat-cuts.ts';
import { planClips } from './clips.ts';
import { findConcepts } from './concepts/find-concepts.ts';
import { detectContentType } from './content-type.ts';
import type { DirectorInput, Marks } from './director.ts';
import { buildEditMap } from './edit-map.ts';
import { findCuts } from './find-cuts.ts';
import { groundConcept } from './ground-concept.ts';
import { toOutputWords } from './output-words.ts';
import { planOverlays } from './plan-overlays.ts';
import { planThumbnails } from './plan-thumbnails.ts';
import { complementFrames } from './ranges.ts';

/**
 * The offline director: pure, the same plan for the same input. Cuts pauses and certain fillers, keeps whatever it cannot
 * judge, and keeps the pauses of what turns out to be music. Throws SOURCE_EMPTY_EDIT when nothing would be left.
 */
export function rules(given: DirectorInput, marks: Marks = noMarks): EditPlan {
  const input = { ...given, settings: leaveMusicAlone(given) };
  const { source, asset, settings, denoise } = input;
  const fps = toFps(source.video.fps);
  const { cuts: heard, uncertain } = findCuts(input, marks);
  const cuts = heard.length > 0 ? heard : followBeats(input); // what is cut out of speech is never moved by a beat
  const keep = complementFrames(cuts, source.video.frames);
  if (keep.length === 0) throw new CutroomError('SOURCE_EMPTY_EDIT', 'Every frame would be cut as silence or filler.');
  const words = toOutputWords(input.transcript.words, { map: buildEditMap(keep), fps });
  return {
    version: 1,
    revision: 1,
    by: 'rules',
    source: {
      sha256: asset.blob.sha256,
      duration_s: source.video.frames / fps,
      frames: source.video.frames,
      fps: source.video.fps,
      width: source.video.display_width,
      height: source.video.display_height,
    },
    keep,
    cuts,
    uncertain,
    overlays: illustrate(input, keep),
    captions: {
      burn: settings.captions?.burn ?? false,
      formats: settings.captions?.formats ?? [],
      words,
    },
    clips: planClips(input, { keep, words }),
    thumbnails: planThumbnails(input, keep),
    audio: { denoise, target_lufs: settings.loudness?.target_lufs ?? null, gain_db: null },
    beats: toPlanBeats(input),
  };
}

/** Nobody understood the words. */
const noMarks: Marks = { fillers: [], retakes: [] };

/** What a model saw in the words first, then what the rules see. */
function illustrate({ settings, source, video, transcript, insights }: DirectorInput, keep: EditPlan['keep']): EditPlan['overlays'] {
  if (settings.broll === null) return [];
  const context = { keep, scenes: video.scenes, fps: source.video.fps, choice: settings.broll };
  const understood = (insights?.concepts ?? []).flatMap((concept) => groundConcept(concept, transcript.words) ?? []);
  return planOverlays([...understood, ...findConcepts(transcript.words)], context);
}

function followBeats({ beats, video, source }: DirectorInput): Cut[] {
  if (!beats || beats.bpm === null) return [];
  return findBeatCuts({ beats, scenes: video.scenes, fps: toFps(source.video.fps), frames: source.video.frames });
}

const toPlanBeats = ({ beats }: DirectorInput): EditPlan['beats'] =>
  !beats || beats.bpm === null ? null : { bpm: beats.bpm, times_s: beats.times_s };

/** A request that names music and still asks for cuts gets them; one that leaves the type to us does not. */
function leaveMusicAlone({ settings, audio, envelope, transcript }: DirectorInput): DirectorInput['settings'] {
  if (settings.content_type !== 'auto') return settings;
  const { value } = detectContentType({ requested: 'auto', audio, envelope, transcript });
  return value === 'music' ? { ...settings, silence: null, fillers: null } : settings;
}
