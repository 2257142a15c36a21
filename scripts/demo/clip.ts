import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MediaCommand, MediaInput, MediaTools } from '#media/ffmpeg';
import { buildCues, type Cue, phrases, toSrt } from './script.ts';

export interface Clip {
  video: string;
  /** What is said in it; null when this ffmpeg cannot speak. */
  srt: string | null;
}

const sampleRate = 48_000;
const bytesPerSecond = sampleRate * 2;
const frameRate = 25;
/** Kept by this name: another version of the clip gets another one. */
const version = '3';

/** A talking clip with known pauses, 720p, about 40 s; made once per ffmpeg build and kept in `cacheDir`. */
export async function makeTalkingClip(media: MediaTools, { cacheDir, signal }: { cacheDir: string; signal: AbortSignal }): Promise<Clip> {
  const name = createHash('sha256')
    .update(JSON.stringify([version, phrases, media.capabilities.build]))
    .digest('hex')
    .slice(0, 12);
  const dir = join(cacheDir, name);
  if (!existsSync(dir)) await makeIn({ media, dir, signal });
  const speaks = media.capabilities.filters.has('flite');
  return { video: join(dir, 'talk.mp4'), srt: speaks ? readFileSync(join(dir, 'talk.srt'), 'utf8') : null };
}

/** Complete or not there at all: everything is made in a draft folder, and what is kept moves in one step. */
async function makeIn({ media, dir, signal }: { media: MediaTools; dir: string; signal: AbortSignal }): Promise<void> {
  const draft = `${dir}.${process.pid}`;
  const kept = join(draft, 'kept');
  mkdirSync(kept, { recursive: true });
  try {
    const { filters } = media.capabilities;
    copyFileSync(media.fonts.bold, join(draft, 'bold.ttf'));
    for (const [index, { text }] of phrases.entries()) writeFileSync(join(draft, textFile(index)), text);
    await media.run(buildSpeech(filters), { cwd: draft, signal });
    const spoken = phrases.map((_, index) => readFileSync(join(draft, voiceFile(index))));
    const lengthsS = spoken.map((samples) => samples.length / bytesPerSecond);
    const { cues, durationS } = buildCues(phrases, lengthsS);
    writeFileSync(join(draft, 'speech.raw'), placeSpeech({ spoken, cues, durationS }));
    await media.run(buildPicture({ dir: draft, durationS, filters }), { cwd: draft, signal });
    renameSync(join(draft, 'talk.mp4'), join(kept, 'talk.mp4'));
    writeFileSync(join(kept, 'talk.srt'), toSrt(cues));
    renameSync(kept, dir);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

const textFile = (index: number) => `phrase-${index}.txt`;
const voiceFile = (index: number) => `phrase-${index}.raw`;

/** Every phrase on its own, so that its length is known; without a voice a vowel-like tone of the length of the text. */
export function buildSpeech(filters: ReadonlySet<string>): MediaCommand {
  const say = (index: number) => `flite=textfile=${textFile(index)}:voice=slt`;
  const hum = (text: string) =>
    `aevalsrc=(0.3*sin(2*PI*170*t)+0.2*sin(2*PI*680*t)+0.1*sin(2*PI*1190*t))*abs(sin(PI*4*t)):d=${text.length / 16}`;
  const inputs = phrases.map(({ text }, index): MediaInput => ({ format: 'lavfi', path: filters.has('flite') ? say(index) : hum(text) }));
  const outputs = phrases.map((_, index) => ({
    path: voiceFile(index),
    options: ['-map', `${index}:a`, '-ar', String(sampleRate), '-ac', '1', '-f', 's16le'],
  }));
  return { inputs, outputs };
}

function placeSpeech({ spoken, cues, durationS }: { spoken: Buffer[]; cues: Cue[]; durationS: number }): Buffer {
  const track = Buffer.alloc(Math.ceil(durationS * sampleRate) * 2);
  for (const [index, { startS }] of cues.entries()) spoken[index]?.copy(track, Math.round(startS * sampleRate) * 2);
  return track;
}

interface Picture {
  dir: string;
  durationS: number;
  filters: ReadonlySet<string>;
}

/** A quiet voice over room noise; a moving picture with the voice drawn, and how far the clip has come. */
export function buildPicture({ dir, durationS, filters }: Picture): MediaCommand {
  const moving = filters.has('gradients')
    ? `gradients=s=320x180:r=${frameRate}:c0=0x10243e:c1=0x3b1f4f:c2=0x0e4a4f:n=3:speed=0.012:d=${durationS},scale=1280x720`
    : `testsrc2=s=1280x720:r=${frameRate}:d=${durationS}`;
  const title = 'drawtext=fontfile=bold.ttf:expansion=none:fontcolor=white:text=cutroom:fontsize=64:x=(w-text_w)/2:y=110';
  const graph = [
    '[0:a]volume=-9dB,asplit[voice][drawn]',
    '[voice][1:a]amix=inputs=2:duration=first,volume=2[sound]',
    `[drawn]volume=12dB,showwaves=s=1120x220:mode=cline:rate=${frameRate}:colors=0x7fd1c7,format=yuva420p,colorkey=black:0.1:0.2[wave]`,
    `[2:v]${title}[scene]`,
    '[scene][wave]overlay=80:250:shortest=0[spoken]',
    `[spoken][3:v]overlay=x='-w+w*t/${durationS.toFixed(3)}':y=712:shortest=1[picture]`,
  ];
  return {
    inputs: [
      { options: ['-f', 's16le', '-ar', String(sampleRate), '-ac', '1'], path: join(dir, 'speech.raw') },
      { format: 'lavfi', path: `anoisesrc=color=pink:amplitude=0.0012:r=${sampleRate}:seed=7` },
      { format: 'lavfi', path: moving },
      { format: 'lavfi', path: `color=c=0x7fd1c7:s=1280x8:r=${frameRate}:d=${durationS}` },
    ],
    filterGraph: graph.join(';'),
    outputs: [{ path: 'talk.mp4', options: encoding(durationS) }],
  };
}

const encoding = (durationS: number) => [
  ...['-map', '[picture]', '-map', '[sound]', '-t', durationS.toFixed(3)],
  ...['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '20', '-pix_fmt', 'yuv420p', '-g', String(frameRate * 2)],
  ...['-c:a', 'aac', '-b:a', '128k', '-movflags', '+faststart'],
];
