/** Nine sentences for `makeTalk`, one in each of its bursts of 3.2 s with 1.3 s of silence between. */
const sentences = [
  'Why do bridges stand for hundreds of years?',
  'Every stone of an arch leans on its neighbours.',
  'The load runs sideways into the river banks.',
  'A beam has to bend before it carries anything.',
  'So the longest bridges hang from steel cables.',
  'Each cable holds twelve thousand tons of road.',
  'Engineers weigh wind far more than traffic.',
  'One storm in 1940 tore a new bridge apart.',
  'Never forget what the wind can do to steel.',
];
const periodS = 4.5;
const spokenS = 3.2;

/** The subtitles of a `makeTalk` of any length up to 40 s. */
export const lectureSrt: string = sentences
  .map((text, index) => `${index + 1}\n${toTime(index * periodS + 0.05)} --> ${toTime(index * periodS + spokenS)}\n${text}\n`)
  .join('\n');

function toTime(seconds: number): string {
  const pad = (value: number, digits: number) => String(value).padStart(digits, '0');
  return `00:00:${pad(Math.floor(seconds), 2)},${pad(Math.round((seconds % 1) * 1000), 3)}`;
}
