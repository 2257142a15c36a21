import type { RangeS } from '#contracts/artifacts';
import { type Envelopes, envelopeFrameS } from './envelope.ts';
import { percentile } from './levels.ts';
import { createThresholds } from './thresholds.ts';

export interface SpeechMask {
  speech: RangeS[];
  undecided: RangeS[];
}

/** Frames of 10 ms, half-open. */
interface Run {
  start: number;
  end: number;
}

const pause = 0;
const speech = 1;
const undecided = 2;
/** Shorter gaps belong to the word (stop consonants); shorter runs are clicks. */
const leastGap = 15;
const leastRun = 5;
/** A final /s/ is this far above the floor of its band, and is followed for this long. */
const sibilantRise = 800;
const sibilantReach = 20;

/** Pure: which spans hold speech, by level alone, adapting to the recording's own floor; the rest is pause. */
export function findSpeech(envelopes: Envelopes): SpeechMask {
  const states = classify(envelopes.speech);
  const runs = closeGaps(toRuns(states, speech), states).filter((run) => run.end - run.start >= leastRun);
  return { speech: extendSibilants(runs, envelopes.sibilance).map(toRange), undecided: toRuns(states, undecided).map(toRange) };
}

function classify(envelope: Int16Array): Uint8Array {
  const thresholdAt = createThresholds(envelope);
  const states = new Uint8Array(envelope.length);
  let state = pause;
  for (let frame = 0; frame < envelope.length; frame++) {
    const { on, off, decided } = thresholdAt(frame);
    const level = envelope[frame]!;
    if (!decided) state = undecided;
    else state = level > on || (state === speech && level > off) ? speech : pause;
    states[frame] = state;
  }
  return states;
}

function toRuns(states: Uint8Array, wanted: number): Run[] {
  const runs: Run[] = [];
  for (let start = states.indexOf(wanted); start >= 0; ) {
    let end = start;
    while (end < states.length && states[end] === wanted) end++;
    runs.push({ start, end });
    start = states.indexOf(wanted, end);
  }
  return runs;
}

function closeGaps(runs: Run[], states: Uint8Array): Run[] {
  const closed: Run[] = [];
  for (const run of runs) {
    const last = closed.at(-1);
    const near = last !== undefined && run.start - last.end < leastGap && !states.subarray(last.end, run.start).includes(undecided);
    if (near) last.end = run.end;
    else closed.push({ ...run });
  }
  return closed;
}

function extendSibilants(runs: Run[], sibilance: Int16Array): Run[] {
  const threshold = percentile(sibilance.slice().sort(), 0.08) + sibilantRise;
  return runs.map((run, index) => {
    const limit = Math.min(run.end + sibilantReach, runs[index + 1]?.start ?? sibilance.length, sibilance.length);
    let end = run.end;
    while (end < limit && sibilance[end]! >= threshold) end++;
    return { start: run.start, end };
  });
}

const toRange = (run: Run): RangeS => ({ start_s: seconds(run.start), end_s: seconds(run.end) });
const seconds = (frame: number) => Math.round(frame * envelopeFrameS * 100) / 100;
