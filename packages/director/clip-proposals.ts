import { z } from 'zod';
import type { Insights, Transcript } from '#contracts/artifacts';
import type { ClipMaterial } from './clip-material.ts';
import type { ScoredWindow } from './clip-score.ts';
import { toOutputS } from './edit-map.ts';
import { isGrounded, toSaid } from './said.ts';
import type { Line } from './script.ts';

export type ClipProposal = Insights['clips'][number];

/** In one window. */
export const mostProposed = 8;

/** What is said of clips to somebody who reads sentences by their numbers. */
export const clipsTask =
  `clips, up to ${mostProposed} passages of whole sentences that stand on their own, 40 to 150 words each: from and to, their first and last ` +
  'sentence; a title of up to eight words of the speaker; and four merits from 0 to 25: hook, how its first words make one stay; engagement, ' +
  'how it moves; value, what one learns; shareability, whether one would send it on.';

export const proposedSchema = z.object({
  from: z.int().min(0),
  to: z.int().min(0),
  title: z.string(),
  hook: z.number(),
  engagement: z.number(),
  value: z.number(),
  shareability: z.number(),
});

/**
 * Sentences → words of the transcript. What names sentences that are not there, or merits that cannot be, is dropped; a title
 * that was not said there is none.
 */
export function groundProposals(
  proposed: readonly z.infer<typeof proposedSchema>[],
  lines: readonly Line[],
  words: Transcript['words'],
): ClipProposal[] {
  return proposed.slice(0, mostProposed).flatMap(({ from, to, title, ...score }) => {
    const [start, end] = [lines[from], lines[to]];
    if (!start || !end || to < from || Object.values(score).some((merit) => merit < 0 || merit > 25)) return [];
    const said = toSaid(words.slice(start.first, end.last + 1).map(({ text }) => text));
    const name = title.trim();
    const fits = name.length <= 70 && isGrounded(name, said);
    return [{ first: start.first, last: end.last, title: fits ? name : '', score }];
  });
}

export interface ProposedWindow extends ScoredWindow {
  title: string;
}

/** A proposal means the window that it shares at least so much with; otherwise nothing that a clip could be. */
const leastShared = 0.5;

/**
 * Proposals as windows that the rules could have chosen: each becomes the one it shares most with, under its own merits. So
 * edges lie in rests and lengths within limits whoever proposes.
 */
export function matchProposals(
  proposals: readonly ClipProposal[],
  windows: readonly ScoredWindow[],
  { words, material: { map, fps } }: { words: Transcript['words']; material: Pick<ClipMaterial, 'map' | 'fps'> },
): ProposedWindow[] {
  return proposals.flatMap(({ first, last, title, score }) => {
    const [start, end] = [words[first], words[last]];
    if (!start || !end) return [];
    const meant = { startFrame: toOutputS(map, start.start_s, fps) * fps, endFrame: toOutputS(map, end.end_s, fps) * fps };
    const best = nearestOf(windows, meant);
    if (!best || sharedOf(best, meant) < leastShared) return [];
    const { hook, engagement, value, shareability } = score;
    const merits = { hook: hook / 25, engagement: engagement / 25, value: value / 25, shareability: shareability / 25 };
    return [{ ...best, merits, title }];
  });
}

/** Equals: the earlier. */
function nearestOf(windows: readonly ScoredWindow[], meant: Stretch): ScoredWindow | undefined {
  let best = windows[0];
  for (const window of windows) if (sharedOf(window, meant) > sharedOf(best!, meant)) best = window;
  return best;
}

type Stretch = Pick<ScoredWindow, 'startFrame' | 'endFrame'>;

/** What two stretches have in common, of both together: 0–1. */
export function sharedOf(one: Stretch, other: Stretch): number {
  const shared = Math.min(one.endFrame, other.endFrame) - Math.max(one.startFrame, other.startFrame);
  const together = Math.max(one.endFrame, other.endFrame) - Math.min(one.startFrame, other.startFrame);
  return Math.max(0, shared) / together;
}
