import { findCuts, ruleReach } from './scene-rule.ts';

export interface CutFinder {
  push(thumb: Uint8Array): void;
  /** Numbers of the pictures that begin a scene, counted from the first one pushed. */
  finish(): number[];
}

const windowFrames = 1024;

/** The scene rule over a stream of any length: windows that overlap by the rule's reach, memory of one window. */
export function createCutFinder(): CutFinder {
  const cuts: number[] = [];
  let thumbs: Uint8Array[] = [];
  let offset = 0;
  let decided = 0;
  const decide = (until: number) => {
    const found = findCuts(thumbs).map((cut) => cut + offset);
    cuts.push(...found.filter((cut) => cut >= decided && cut < until));
    decided = until;
  };
  return {
    push(thumb) {
      thumbs.push(thumb);
      if (thumbs.length < windowFrames + 2 * ruleReach) return;
      decide(offset + thumbs.length - ruleReach);
      offset += thumbs.length - 2 * ruleReach;
      thumbs = thumbs.slice(-2 * ruleReach);
    },
    finish() {
      decide(offset + thumbs.length);
      return cuts;
    },
  };
}
