import '../helpers/scratch.ts';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toFps } from '#contracts/rational';
import { checkPlan } from '#director/check-plan';
import { detectContentType } from '#director/content-type';
import type { DirectorInput } from '#director/director';
import { rules } from '#director/rules';
import { noTranscript, parseTranscript } from '#director/transcript';
import { createMediaTools, type MediaTools } from '#media/ffmpeg';
import { analyzeAudio } from '#media/sound/analyze-audio';
import { hasSharedMedia, needsSharedMedia, readAudio, sharedMedia } from '../helpers/audio.ts';
import { directorInput } from '../helpers/director-input.ts';
import { listSharedMedia } from '../helpers/shared-media.ts';

let folder: string;
let tools: MediaTools;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rules-'));
  tools = await createMediaTools({ ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function listen(path: string) {
  const { facts, durationS } = await readAudio(path);
  const { signals, envelope } = await analyzeAudio({ path, facts, durationS }, tools, { cwd: folder, signal: AbortSignal.timeout(60_000) });
  return { audio: { ...signals, envelope: null }, envelope, durationS };
}

type Heard = Awaited<ReturnType<typeof listen>>;
type Given = Parameters<typeof parseTranscript>[0];

/** At 1000 frames a second, so that edges show the judgement and not the frame grid. */
function inputOf(heard: Heard, given: Given, fps = '1000/1'): DirectorInput {
  const frames = Math.floor(heard.durationS * toFps(fps));
  const transcript = parseTranscript(given, { durationS: heard.durationS, videoStartS: 0, audio: heard.audio });
  return { ...directorInput({ frames, fps }), audio: heard.audio, envelope: heard.envelope, transcript };
}

interface TrueWord {
  text: string;
  start_s: number;
  end_s: number;
}

const isFiller = (word: TrueWord) => /^\W*(um|uh)\W*$/i.test(word.text);

async function readTruth(): Promise<TrueWord[]> {
  const { words } = JSON.parse(await readFile(join(sharedMedia, 'transcript/mfa_acoustic_corpus.words.json'), 'utf8'));
  return words.map((word: { word: string; start: number; end: number }) => ({ text: word.word, start_s: word.start, end_s: word.end }));
}

/** Seconds of true words that lie in cuts. */
const spokenIn = (cuts: { start_frame: number; end_frame: number }[], words: TrueWord[]) =>
  cuts.flatMap((cut) =>
    words.map((word) => Math.max(0, Math.min(cut.end_frame / 1000, word.end_s) - Math.max(cut.start_frame / 1000, word.start_s))),
  );

describe.skipIf(!hasSharedMedia)(`a spontaneous recording with hand-made word times${needsSharedMedia}`, () => {
  it('loses a filler with pauses beside it within 80 ms of its edges, and keeps the other one for a reviewer', async () => {
    const truth = await readTruth();
    const plan = rules(inputOf(await listen(join(sharedMedia, 'transcript/mfa_acoustic_corpus.wav')), { words: truth }));
    const fillers = truth.filter(isFiller);
    const cuts = plan.cuts.filter((cut) => cut.reason === 'filler');
    expect(cuts).toHaveLength(1);
    expect(Math.abs(cuts[0]!.start_frame / 1000 - fillers[1]!.start_s)).toBeLessThan(0.08);
    expect(Math.abs(cuts[0]!.end_frame / 1000 - fillers[1]!.end_s)).toBeLessThan(0.08);
    expect(plan.uncertain.filter((cut) => cut.text === 'um').map((cut) => cut.note)).toEqual(['there is no pause beside it']);
    expect(
      Math.max(
        ...spokenIn(
          cuts,
          truth.filter((word) => !isFiller(word)),
        ),
      ),
    ).toBeLessThan(0.03);
    expect(checkPlan(plan)).toEqual([]);
  });

  it('loses no filler when word times are only estimates: they lie up to a second off', async () => {
    const truth = await readTruth();
    const time = (seconds: number) => new Date(seconds * 1000).toISOString().slice(11, 23).replace('.', ',');
    const cues = truth.flatMap((_word, index) => (index % 7 === 0 ? [truth.slice(index, index + 7)] : []));
    const srt = cues
      .map((cue) => `${time(cue[0]!.start_s)} --> ${time(cue.at(-1)!.end_s)}\n${cue.map((word) => word.text).join(' ')}\n`)
      .join('\n');
    const plan = rules(inputOf(await listen(join(sharedMedia, 'transcript/mfa_acoustic_corpus.wav')), { srt }));
    expect(plan.cuts.every((cut) => cut.reason === 'silence')).toBe(true);
    expect(plan.uncertain.filter((cut) => cut.text === 'um').map((cut) => cut.note)).toEqual(Array(2).fill('its time is an estimate'));
  });
});

it.skipIf(!hasSharedMedia)(`a word-level WebVTT of a talk is understood with its [UM] and [UH]${needsSharedMedia}`, async () => {
  const vtt = await readFile(join(sharedMedia, 'transcript/crisper_guinness.vtt'), 'utf8');
  const plan = rules(inputOf(await listen(join(sharedMedia, 'talk/crisper_guinness_fillers_13s.mp4')), { vtt }));
  expect(plan.cuts.filter((cut) => cut.reason === 'filler').map((cut) => cut.text)).toEqual(['[UM]']);
  expect(plan.uncertain.filter((cut) => cut.text === '[UH]').map((cut) => cut.note)).toEqual(['there is no pause beside it']);
  expect(plan.captions.words.map((word) => word.text)).not.toContain('[UM]');
});

describe.skipIf(!hasSharedMedia)(`what kind of footage it is${needsSharedMedia}`, () => {
  const files = (folderName: string, pattern: RegExp) => listSharedMedia(folderName).filter((path) => pattern.test(path));
  const kindOf = async (path: string) => {
    const { audio, envelope } = await listen(path);
    return detectContentType({ requested: 'auto', audio, envelope, transcript: noTranscript });
  };

  it.each(
    files('music', /\.(wav|flac|ogg)$/)
      .filter((path) => !path.includes('samba'))
      .map((path) => [basename(path), path]),
  )('%s is music', async (_name, path) => {
    expect(await kindOf(path!)).toMatchObject({ value: 'music' });
  });

  it.each(
    files('talk', /\.mp4$/)
      .filter((path) => !path.includes('hamilton'))
      .map((path) => [basename(path), path]),
  )('%s is not', async (_name, path) => {
    expect(await kindOf(path!)).toMatchObject({ value: 'general' });
  });
});
