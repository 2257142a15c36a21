import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Media } from '#contracts/job';
import { jobRequestSchema } from '#contracts/request';
import { resolveSettings } from '#contracts/settings';
import { toJobBudgetUsd } from '#director/job-budget';
import { unavailableFeatures } from '../../apps/api/availability.ts';
import { expectedOutputs } from '../../apps/api/dry-run.ts';
import { estimateJob } from '../../apps/api/estimate.ts';
import { parseJson } from '../../apps/api/json-body.ts';
import { toPointer, toPointers } from '../../apps/api/pointers.ts';
import { matchesEtag, parseRange } from '../../apps/api/ranges.ts';
import { toDisplayName } from '../../apps/api/receive-upload.ts';
import { toMessage } from '../../apps/api/sse.ts';

const footage: Media = {
  duration_s: 60,
  container: 'mp4',
  video: { codec: 'h264', width: 1920, height: 1080, fps: '30/1', rotation: 0, pix_fmt: 'yuv420p', hdr: false, interlaced: false },
  audio: { codec: 'aac', sample_rate: 48_000, channels: 2, tracks: 1 },
};
const settingsOf = (change: object = {}) =>
  resolveSettings(jobRequestSchema.parse({ input: { asset_id: 'ast_01J00000000000000000000000' }, ...change }), 'talk');

describe('pointers', () => {
  const faults = (schema: z.ZodType, value: unknown) => toPointers(schema.safeParse(value).error?.issues ?? []);

  test('a missing field is required, an unknown one is named', () => {
    expect(faults(z.strictObject({ a: z.number() }), { b: 1, c: 2 })).toEqual([
      { pointer: '/a', detail: 'required' },
      { pointer: '/b', detail: 'unknown field' },
      { pointer: '/c', detail: 'unknown field' },
    ]);
  });

  test('of a union the branch that was meant speaks', () => {
    const schema = z.union([z.boolean(), z.strictObject({ size: z.number() })]);
    expect(faults(schema, { size: 'x' })).toMatchObject([{ pointer: '/size' }]);
    expect(faults(schema, 'x')).toEqual([{ pointer: '', detail: 'expected boolean or object' }]);
  });

  test('slash and tilde are escaped as RFC 6901 says', () => {
    expect(toPointer(['a/b', 0, 'c~d'])).toBe('/a~1b/0/c~0d');
  });
});

describe('ranges', () => {
  test('a range always lies inside the file', () => {
    const part = fc.option(fc.nat(2_000).map(String), { nil: '' });
    fc.assert(
      fc.property(part, part, fc.integer({ min: 1, max: 1_000 }), (first, last, size) => {
        const range = parseRange(`bytes=${first}-${last}`, size);
        if (typeof range === 'string') return;
        expect(range.start).toBeGreaterThanOrEqual(0);
        expect(range.end).toBeGreaterThanOrEqual(range.start);
        expect(range.end).toBeLessThan(size);
      }),
    );
  });

  test('an empty file has no range', () => {
    expect(parseRange('bytes=0-', 0)).toBe('outside');
    expect(parseRange(undefined, 0)).toBe('whole');
  });

  test('an ETag is found in a list, weak or strong', () => {
    expect(matchesEtag('"a", W/"b"', '"b"')).toBe(true);
    expect(matchesEtag('"a"', '"b"')).toBe(false);
    expect(matchesEtag(undefined, '"b"')).toBe(false);
  });
});

describe('JSON of strangers', () => {
  test('whatever JSON can say, it is read as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 20 }), (value) => {
        const text = JSON.stringify(value);
        if (text.includes('__proto__')) return;
        expect(parseJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  test('brackets inside texts do not count as depth', () => {
    expect(parseJson(`["${'['.repeat(100)}\\"[["]`)).toEqual([`${'['.repeat(100)}"[[`]);
    expect(() => parseJson(`${'['.repeat(33)}${']'.repeat(33)}`)).toThrow('32 levels');
    expect(parseJson(`${'['.repeat(32)}${']'.repeat(32)}`)).toBeDefined();
  });
});

describe('estimates', () => {
  test('more seconds, more pixels and more thought never cost less', () => {
    const seconds = (change: object, media = footage) => estimateJob(settingsOf(change), media).seconds ?? 0;
    expect(seconds({ mode: 'fast' })).toBeLessThan(seconds({ mode: 'high_quality' }));
    expect(seconds({ quality: 'low' })).toBeLessThan(seconds({ quality: 'high' }));
    expect(seconds({ features: { preview: false } })).toBeLessThan(seconds({}));
    expect(seconds({}, { ...footage, duration_s: 30 })).toBeLessThan(seconds({}));
    expect(seconds({ output: { max_height: 360 } })).toBeLessThan(seconds({}));
  });

  test('pictures that may be drawn are counted: one question, and the tokens of each', () => {
    const ai = { model: 'gemini-3.8-flash', image_model: 'gemini-3.1-flash-image' };
    const asked = (change: object) => estimateJob({ ...settingsOf({ mode: 'balanced', ...change }), ai }, footage);
    const [none, one, three] = [false, { count: 1 }, { count: 3 }].map((thumbnails) => asked({ features: { thumbnails } }));
    expect([none, one, three].map((estimate) => estimate!.ai_calls - none!.ai_calls)).toEqual([0, 1, 1]);
    expect(one!.usd - none!.usd).toBeCloseTo(0.085, 2);
    expect(three!.usd - none!.usd).toBeCloseTo(0.255, 2);
    expect(asked({ mode: 'fast', features: { thumbnails: { count: 3 } } })).toEqual(
      asked({ mode: 'fast', features: { thumbnails: false } }),
    );
  });

  test('two dollars for every 15 minutes of footage, and never less than half a dollar', () => {
    expect([0, 60, 225, 450, 900, 3_600].map(toJobBudgetUsd)).toEqual([0.5, 0.5, 0.5, 1, 2, 8]);
  });

  test('nothing is claimed of footage that is not here', () => {
    expect(estimateJob(settingsOf(), null)).toEqual({ seconds: null, usd: 0, ai_calls: 0 });
  });
});

describe('what will come of a request', () => {
  test('every feature has its files, none without it', () => {
    const names = (change: object) => expectedOutputs(settingsOf(change), footage).map(({ name }) => name);
    expect(names({})).toEqual([
      'video.mp4',
      'preview.mp4',
      'audio.m4a',
      'thumbnail-1.jpg',
      'thumbnail-2.jpg',
      'thumbnail-3.jpg',
      'captions.srt',
      'captions.vtt',
      'metadata.json',
      'plan.json',
      'edit.otio',
      'edit.fcpxml',
      'edit.edl',
      'report.json',
    ]);
    const off = { preview: false, thumbnails: false, captions: false, metadata: false, interchange: false };
    expect(names({ features: off })).toEqual(['video.mp4', 'audio.m4a', 'plan.json', 'report.json']);
  });

  test('the defaults wish for nothing that is not there', () => {
    expect(unavailableFeatures(settingsOf(), footage)).toEqual([]);
    expect(unavailableFeatures(settingsOf(), { ...footage, audio: null }).map(({ code }) => code)).toEqual(
      Array(3).fill('FEATURE_UNAVAILABLE'),
    );
  });

  test('a silent film with a supplied transcript keeps its captions', () => {
    const settings = settingsOf({ transcript: { words: [{ text: 'a', start_s: 0, end_s: 1 }] } });
    const messages = unavailableFeatures(settings, { ...footage, audio: null }).map(({ message }) => message);
    expect(messages.some((message) => message.startsWith('features.captions'))).toBe(false);
  });
});

test('an event is one message of a stream, whatever it says', () => {
  const event = { id: '1-0', type: 'job.started', timestamp: '2026-01-01T00:00:00Z', data: { text: 'two\nlines' } };
  const message = toMessage(event);
  expect(message.split('\n')).toHaveLength(5);
  expect(message).toMatch(/^id: 1-0\nevent: job\.started\ndata: \{.*\}\n\n$/);
});

test.each([
  ['../../etc/passwd', 'passwd'],
  ['C:\\Users\\me\\talk.mp4', 'talk.mp4'],
  ['a\u0000b\n.mp4', 'ab.mp4'],
  ['\u202egpj.mp4', 'gpj.mp4'],
  ['', 'upload'],
  ['名前 😀.mp4', '名前 😀.mp4'],
])('a file named %j is shown as %j', (name, shown) => {
  expect(toDisplayName(name)).toBe(shown);
});
