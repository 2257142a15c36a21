import type { Transcript } from '#contracts/artifacts';
import type { PlanWord } from '#contracts/plan';
import { type EditMap, toOutputS } from './edit-map.ts';

/** The words that survive the edit, in output time: sorted, disjoint, at least 10 ms long. A word mostly cut away is gone. */
export function toOutputWords(words: Transcript['words'], { map, fps }: { map: EditMap; fps: number }): PlanWord[] {
  const moved = words.flatMap((word) => {
    const start_s = toOutputS(map, word.start_s, fps);
    const end_s = Math.min(toOutputS(map, word.end_s, fps), map.frames / fps);
    const stays = end_s - start_s >= Math.max(minWordS, minShare * (word.end_s - word.start_s));
    return stays ? [{ text: word.text.slice(0, 200), start_s, end_s }] : [];
  });
  return moved.map((word) => ({ ...word, start_s: round(word.start_s), end_s: round(word.end_s) }));
}

const minWordS = 0.01;
const minShare = 0.5;
/** Floor to the microsecond: a word never ends past the last frame. */
const round = (seconds: number) => Math.floor(seconds * 1e6) / 1e6;
