import type { EditPlan, FrameRange, PlannedClip } from '#contracts/plan';
import { type ClipMaterial, type ClipUnit, toClipMaterial } from './clip-material.ts';
import { matchProposals, type ProposedWindow, sharedOf } from './clip-proposals.ts';
import { rankOf, type ScoredWindow, scoreWindows } from './clip-score.ts';
import { autoCount, clipLimitsS, findWindows } from './clip-windows.ts';
import type { DirectorInput } from './director.ts';
import { toSourceFrame } from './edit-map.ts';
import { findKeyPhrases } from './keywords.ts';
import { chooseTitle } from './metadata.ts';
import { isGrounded, toSaid } from './said.ts';
import { splitSentences } from './sentences.ts';

/**
 * Short clips of a finished edit, best first, without a camera yet. Each is whole sentences long, 15–60 s, and begins and
 * ends in a rest of at least 120 ms; without words speech runs, scenes and sound decide. An edit that has no such place
 * is one clip itself when it is no longer than 60 s, else there is none. What a model proposed comes first, as the places it means.
 */
export function planClips(
  input: DirectorInput,
  edit: { keep: readonly FrameRange[]; words: EditPlan['captions']['words'] },
): PlannedClip[] {
  const wish = input.settings.clips;
  if (wish === null) return [];
  const material = toClipMaterial(input, edit);
  const { units, windows } = findCandidates(material);
  const count = wish.count === 'auto' ? autoCount(material.durationS) : wish.count;
  const scored = scoreWindows(windows, units, material);
  const proposals = matchProposals(input.insights?.clips ?? [], scored, { words: input.transcript.words, material });
  return pickProposed({ proposals, scored, count, material }).map((window, index) => toClip(window, { index, units, material }));
}

/** What somebody proposed who understands the words, then what the rules would choose beside it. */
function pickProposed({ proposals, scored, count, material }: Picking): (ScoredWindow & { title?: string })[] {
  const picked = pickWindows(proposals, count);
  const isBeside = (window: ScoredWindow) => picked.every((other) => sharedOf(window, other) <= largestOverlap);
  if (picked.length === count) return picked;
  return [...picked, ...pickClips(scored.filter(isBeside), { count: count - picked.length, material })];
}

interface Picking {
  proposals: readonly ProposedWindow[];
  scored: readonly ScoredWindow[];
  count: number;
  material: ClipMaterial;
}

/** Two clips that share more than this part of both together are one clip. */
const largestOverlap = 0.3;

/** The best; where long ones leave no room for as many as were asked for, shorter ones when those are more. */
function pickClips(windows: readonly ScoredWindow[], { count, material }: { count: number; material: ClipMaterial }): ScoredWindow[] {
  const best = pickWindows(windows, count);
  if (best.length === count) return best;
  const most = Math.max(1.25 * clipLimitsS.shortest, material.durationS / count) * material.fps;
  const shorter = pickWindows(
    windows.filter(({ startFrame, endFrame }) => endFrame - startFrame <= most),
    count,
  );
  return shorter.length > best.length ? shorter : best;
}

/** Best first; of two that say nearly the same the better one stays. Equals: the earlier. Pure. */
export function pickWindows<Window extends ScoredWindow>(windows: readonly Window[], count: number): Window[] {
  const ranked = windows.toSorted((one, other) => rankOf(other.merits) - rankOf(one.merits) || one.startFrame - other.startFrame);
  const picked: Window[] = [];
  for (const window of ranked) {
    if (picked.length === count) break;
    if (picked.every((other) => sharedOf(window, other) <= largestOverlap)) picked.push(window);
  }
  return picked;
}

function findCandidates(material: ClipMaterial): { units: readonly ClipUnit[]; windows: ReturnType<typeof findWindows> } {
  for (const units of material.units) {
    const windows = findWindows(units, material);
    if (windows.length > 0) return { units, windows };
  }
  const words = material.units[0]!.flatMap((unit) => unit.words);
  const whole = { first: 0, last: 0, startFrame: 0, endFrame: material.map.frames };
  const fits = material.durationS <= clipLimitsS.longest;
  return { units: [{ startS: 0, endS: material.durationS, words }], windows: fits ? [whole] : [] };
}

function toClip(
  { first, last, startFrame, endFrame, merits, title }: ScoredWindow & { title?: string },
  { index, units, material }: { index: number; units: readonly ClipUnit[]; material: ClipMaterial },
): PlannedClip {
  const words = units.slice(first, last + 1).flatMap((unit) => unit.words);
  const phrases = findKeyPhrases(
    words.map((word) => word.text),
    5,
  );
  return {
    start_frame: toSourceFrame(material.map, startFrame)!,
    end_frame: toSourceFrame(material.map, endFrame - 1)! + 1,
    title: titleOf(title, words) ?? chooseTitle(splitSentences(words), phrases) ?? `Clip ${index + 1}`,
    score: {
      hook: toPoints(merits.hook),
      engagement: toPoints(merits.engagement),
      value: toPoints(merits.value),
      shareability: toPoints(merits.shareability),
    },
    reframe: [],
  };
}

/** A proposed title counts where it was said in this very clip. */
const titleOf = (title: string | undefined, words: EditPlan['captions']['words']): string | null =>
  title && isGrounded(title, toSaid(words.map(({ text }) => text))) ? title : null;

const toPoints = (merit: number) => Math.round(25 * merit);
