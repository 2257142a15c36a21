/** What the synthetic speaker says, and the pause after it in seconds: long enough that a viewer would want it gone. */
export interface Phrase {
  text: string;
  pauseS: number;
}

export const phrases: readonly Phrase[] = [
  { text: 'Hello, and welcome to cutroom.', pauseS: 1.7 },
  { text: 'This clip was made on your own machine.', pauseS: 1.2 },
  { text: 'Um,', pauseS: 0.6 },
  { text: 'every pause you hear is about to disappear.', pauseS: 2.3 },
  { text: 'The words stay exactly as they were.', pauseS: 1.4 },
  { text: 'And the picture stays in step with the sound.', pauseS: 1.0 },
  { text: 'Uh,', pauseS: 0.7 },
  { text: 'the voice is lifted to the level players expect.', pauseS: 2.1 },
  { text: 'A manual edit takes 40 minutes, cutroom 2 minutes.', pauseS: 1.6 },
  { text: 'Captions and thumbnails are made on the way.', pauseS: 1.9 },
  { text: 'Now compare the numbers. Thank you for watching.', pauseS: 1.3 },
];

export interface Cue {
  text: string;
  startS: number;
  endS: number;
}

const leadS = 0.9;

/** Pure: how long each phrase takes to say → when it is said. `durationS` includes the last pause. */
export function buildCues(spoken: readonly Phrase[], lengthsS: readonly number[]): { cues: Cue[]; durationS: number } {
  let nowS = leadS;
  const cues = spoken.map(({ text, pauseS }, index) => {
    const startS = nowS;
    const endS = startS + (lengthsS[index] ?? 0);
    nowS = endS + pauseS;
    return { text, startS, endS };
  });
  return { cues, durationS: nowS };
}

/** Pure: the transcript that is sent along with the clip. */
export function toSrt(cues: readonly Cue[]): string {
  return cues.map(({ text, startS, endS }, index) => `${index + 1}\n${toTimestamp(startS)} --> ${toTimestamp(endS)}\n${text}\n`).join('\n');
}

function toTimestamp(timeS: number): string {
  const ms = Math.round(timeS * 1_000);
  const parts = [Math.floor(ms / 3_600_000), Math.floor(ms / 60_000) % 60, Math.floor(ms / 1_000) % 60];
  return `${parts.map((part) => String(part).padStart(2, '0')).join(':')},${String(ms % 1_000).padStart(3, '0')}`;
}
