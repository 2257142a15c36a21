import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { readTools } from './tools.ts';

export interface SpokenWord {
  text: string;
  start_s: number;
  end_s: number;
}

const gapS = 0.6;
const run = (program: string, args: string[]) => execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/**
 * A film of synthesised speech: the phrases with a pause of 0.6 s before each and after the last. Answers the words with
 * their times; inside a phrase they are shared out by letters.
 */
export function makeSpeech(path: string, phrases: readonly string[], { size = '320x180', rate = '25' } = {}): SpokenWord[] {
  const { ffmpeg, ffprobe } = readTools();
  const files = phrases.map((text, index) => {
    const file = `${path}.${index}.wav`;
    const voice = `flite=voice=slt:text='${text.replace(/[',:\\]/g, '')}'`;
    run(ffmpeg.path, [
      '-v',
      'error',
      '-f',
      'lavfi',
      '-i',
      voice,
      '-af',
      `silenceremove=1:0:-45dB,adelay=${gapS * 1000}`,
      '-ar',
      '48000',
      '-y',
      file,
    ]);
    const seconds = Number(run(ffprobe.path, ['-v', 'error', '-show_entries', 'format=duration', '-of', 'csv=p=0', file]));
    return { file, text, seconds };
  });
  const totalS = files.reduce((sum, { seconds }) => sum + seconds, gapS);
  const inputs = files.flatMap(({ file }) => ['-i', file]);
  const joined = `${files.map((_, index) => `[${index}:a]`).join('')}concat=n=${files.length}:v=0:a=1,apad=pad_dur=${gapS}[a]`;
  const picture = ['-f', 'lavfi', '-i', `testsrc2=s=${size}:r=${rate}:d=${totalS}`];
  const encode = [
    '-map',
    `${files.length}:v`,
    '-map',
    '[a]',
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-pix_fmt',
    'yuv420p',
    '-c:a',
    'aac',
  ];
  run(ffmpeg.path, ['-v', 'error', ...inputs, ...picture, '-filter_complex', joined, ...encode, '-shortest', '-y', path]);
  for (const { file } of files) rmSync(file);
  return spread(files);
}

function spread(phrases: { text: string; seconds: number }[]): SpokenWord[] {
  let startS = 0;
  return phrases.flatMap(({ text, seconds }) => {
    const words = text.split(' ');
    const perLetter = (seconds - gapS) / words.join('').length;
    let atS = startS + gapS;
    startS += seconds;
    return words.map((word) => {
      const start_s = atS;
      atS += word.length * perLetter;
      return { text: word, start_s, end_s: atS };
    });
  });
}
