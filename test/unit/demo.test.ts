import { describe, expect, test } from 'vitest';
import { jobViewSchema } from '#contracts/job';
import { ProblemError, parseMessage } from '../../scripts/demo/client.ts';
import { buildPicture, buildSpeech } from '../../scripts/demo/clip.ts';
import { toFailure, toJobFailure } from '../../scripts/demo/failure.ts';
import { toNewLines, toProgressLine } from '../../scripts/demo/progress.ts';
import { buildCues, phrases, toSrt } from '../../scripts/demo/script.ts';
import { toSummary } from '../../scripts/demo/summary.ts';
import { pad, shorten, type Terminal, toBar, toBytes, toDuration, toTable, toTerminal, widthOf } from '../../scripts/demo/terminal.ts';

const plain: Terminal = { columns: 80, colour: false, live: false };
const time = '2026-01-01T00:00:00.000Z';
const stage = { pool: 'render', progress: 100, attempts: 1, cached: false, started_at: time, finished_at: time };
const job = jobViewSchema.parse({
  id: 'job_01J00000000000000000000000',
  status: 'completed',
  stage: null,
  progress: 100,
  stages: [
    { ...stage, name: 'ingest', status: 'done', duration_ms: 500, cached: true },
    { ...stage, name: 'render-chunk', status: 'done', duration_ms: 8_000 },
    { ...stage, name: 'preview', status: 'running', duration_ms: null },
  ],
  queue: { position: null, eta_s: null },
  revision: 1,
  degraded: false,
  warnings: [{ code: 'NO_TRANSCRIPT', stage: 'captions', message: 'There is nothing to caption.' }],
  error: null,
  outputs: [
    {
      name: 'video.mp4',
      kind: 'video',
      bytes: 2_500_000,
      sha256: '',
      content_type: 'video/mp4',
      media: { duration_s: 25, width: 1280, height: 720 },
      url: '/v1',
      expires_at: null,
    },
  ],
  usage: { cpu_s: 12, wall_s: 9, peak_memory_mb: 210, bytes_in: 0, bytes_out: 0, ai: { calls: 0, tokens_in: 0, tokens_out: 0, usd: 0 } },
  request: { input: { asset_id: 'ast_01J00000000000000000000000' } },
  batch_id: null,
  external_id: null,
  metadata: {},
  created_at: time,
  queued_at: time,
  started_at: time,
  finished_at: '2026-01-01T00:00:09.000Z',
  expires_at: null,
});
const media = { duration_s: 40, container: 'mov', video: null, audio: null };
const asset = {
  id: 'ast_01J00000000000000000000000',
  name: 'talk.mp4',
  bytes: 5_000_000,
  sha256: '',
  media,
  created_at: time,
  expires_at: null,
};

describe('the summary of a demo', () => {
  const report = { quality: { loudness: { before_lufs: -25.3, after_lufs: -14, true_peak_dbtp: -1.4 }, silence: { removed_s: 13.2 } } };
  const cuts = [{ reason: 'silence' }, { reason: 'silence' }, { reason: 'filler' }];
  const text = toSummary({ asset, job, report, folder: 'data/demo/x', cuts }, plain).join('\n');

  test('compares before and after', () => {
    expect(text).toMatch(/duration +40\.0 s +25\.0 s +38 % shorter/);
    expect(text).toMatch(/silence +−13\.2 s +2 silence cuts, 1 filler cut/);
    expect(text).toMatch(/loudness +−25\.3 LUFS +−14\.0 LUFS +true peak −1\.4 dBTP/);
    expect(text).toMatch(/size +5\.0 MB +2\.5 MB/);
  });

  test('lists outputs, stages with what was already known, and warnings', () => {
    expect(text).toContain('outputs in data/demo/x/');
    expect(text).toMatch(/video\.mp4 +2\.5 MB +25\.0 s +1280×720/);
    expect(text).toMatch(/ingest +known/);
    expect(text).toMatch(/render-chunk +8\.0 s +█{30}/);
    expect(text).toContain('9.0 s in all · 12.0 s of CPU · 210 MB at most in one tool');
    expect(text).toContain('NO_TRANSCRIPT  There is nothing to caption. (captions)');
  });

  test('leaves out what the report does not know, and shows no colour codes without colour', () => {
    const bare = toSummary({ asset, job, report: {}, folder: 'x', cuts: [] }, plain).join('\n');
    expect(bare).not.toMatch(/loudness|silence|sound ahead|undefined|NaN/);
    expect(bare).not.toContain('\u001b');
  });
});

describe('progress', () => {
  test('is one line that fits the terminal', () => {
    for (const columns of [60, 80, 120]) {
      expect(widthOf(toProgressLine({ ...job, progress: 41 }, { terminal: { ...plain, columns }, elapsedS: 12.3 }))).toBeLessThanOrEqual(
        columns,
      );
    }
    expect(toProgressLine({ ...job, progress: 41 }, { terminal: plain, elapsedS: 12.3 })).toMatch(/41 % {2}12\.3 s {2}preview$/);
  });

  test('says each finished stage once where lines cannot be redrawn', () => {
    const said = new Set<string>();
    expect(toNewLines(job, said)).toEqual(['  100 %  ingest          known', '  100 %  render-chunk    8.0 s']);
    expect(toNewLines(job, said)).toEqual([]);
  });

  test('reads server-sent events and skips what is no event', () => {
    const data = JSON.stringify({ type: 'job.started', timestamp: time, data: {} });
    expect(parseMessage(`id: 5-1\nevent: job.started\ndata: ${data}`)).toEqual({
      id: '5-1',
      type: 'job.started',
      timestamp: time,
      data: {},
    });
    expect(parseMessage(': still here')).toBeNull();
    expect(parseMessage('retry: 1000')).toBeNull();
  });
});

describe('a failure', () => {
  test('of a request shows the pointers, the advice and the request id', () => {
    const problem = {
      title: 'Not valid',
      status: 400,
      code: 'REQUEST_INVALID',
      advice: 'Correct it.',
      errors: [{ pointer: '/mode', detail: 'bad' }],
      request_id: 'r1',
    };
    expect(toFailure(new ProblemError(problem), plain)).toBe('Not valid  REQUEST_INVALID\n  /mode: bad\nCorrect it.\nrequest r1');
  });

  test('of a job shows the stage, the hint and the last words of the tool', () => {
    const error = {
      code: 'TOOL_FAILED',
      stage: 'preview',
      message: 'It broke',
      hint: 'Retry.',
      retryable: true,
      attempts: 3,
      tool: { exit_code: 1, stderr_tail: 'moov atom not found' },
    };
    expect(toJobFailure({ ...job, status: 'failed', error }, plain)).toBe('It broke  TOOL_FAILED in preview\nRetry.\nmoov atom not found');
  });
});

describe('the synthetic talk', () => {
  const { cues, durationS } = buildCues(
    phrases,
    phrases.map(() => 2),
  );

  test('keeps its phrases apart by the written pauses', () => {
    expect(cues[0]).toEqual({ text: phrases[0]!.text, startS: 0.9, endS: 2.9 });
    for (const [index, cue] of cues.slice(1).entries()) expect(cue.startS - cues[index]!.endS).toBeCloseTo(phrases[index]!.pauseS, 6);
    expect(durationS).toBeCloseTo(cues.at(-1)!.endS + phrases.at(-1)!.pauseS, 6);
  });

  test('comes with an SRT of the same times', () => {
    expect(toSrt([{ text: 'Hello', startS: 3_725.5, endS: 3_726.0004 }])).toBe('1\n01:02:05,500 --> 01:02:06,000\nHello\n');
  });

  test('hums where the tool has no voice, and moves a test picture where it has no gradients', () => {
    expect(buildSpeech(new Set(['flite'])).inputs[0]!.path).toContain('flite=textfile=phrase-0.txt');
    expect(buildSpeech(new Set()).inputs[0]!.path).toContain('aevalsrc=');
    expect(buildPicture({ dir: '/x', durationS, filters: new Set() }).inputs[2]!.path).toContain('testsrc2');
  });
});

describe('the terminal', () => {
  test('has colour only where a person looks, and never with NO_COLOR', () => {
    expect(toTerminal({ isTTY: true, columns: 90 }, {})).toEqual({ columns: 90, colour: true, live: true });
    expect(toTerminal({ isTTY: true, columns: 90 }, { NO_COLOR: '1' })).toEqual({ columns: 90, colour: false, live: true });
    expect(toTerminal({}, {})).toEqual({ columns: 100, colour: false, live: false });
  });

  test('measures wide letters and ignores colour codes', () => {
    expect(widthOf('映画.mp4')).toBe(8);
    expect(widthOf('\u001b[31mred\u001b[39m')).toBe(3);
    expect(pad('映画', 6)).toBe('映画  ');
  });

  test('formats tables, bars, sizes, times and long names', () => {
    expect(
      toTable(
        [
          ['a', '1'],
          ['bcd', '22'],
        ],
        { right: [1] },
      ),
    ).toEqual(['a      1', 'bcd   22']);
    expect(toBar(0.5, 5)).toBe('██▌');
    expect([toBytes(0), toBytes(999), toBytes(1_500_000), toBytes(123_456_789)]).toEqual(['0 B', '999 B', '1.5 MB', '123 MB']);
    expect([toDuration(9.44), toDuration(187), toDuration(3_725)]).toEqual(['9.4 s', '3:07', '1:02:05']);
    expect(shorten('abcdefghij', 5)).toBe('ab…ij');
  });
});
