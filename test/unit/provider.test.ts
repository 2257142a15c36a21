import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { toAnswerSchema } from '#director/answer-schema';
import { readPicture } from '#director/picture-bytes';
import { estimateDrawing, estimateQuestion, listPrices, toUsd } from '#director/pricing';
import { classifyRefusal } from '#director/provider-faults';
import { makePng } from '../helpers/fake-gemini-answers.ts';

const flash = listPrices['gemini-3.8-flash']!;

describe('what a question costs', () => {
  it('is paid by tokens, sound at its own price', () => {
    expect(toUsd(flash, { tokensIn: 1_000_000, tokensOut: 1_000_000, images: 0 })).toBe(3.5);
    expect(toUsd(flash, { tokensIn: 1_000_000, audioTokensIn: 1_000_000, tokensOut: 0, images: 0 })).toBe(1);
  });

  it('is never more than the estimate: a token is a byte at least', () => {
    const question = { prompt: 'a.1', system: 'é'.repeat(50), schema: z.string(), maxTokensOut: 100 };
    const parts = [
      { kind: 'text', text: 'x'.repeat(10_000) },
      { kind: 'audio', bytes: new Uint8Array(9), contentType: 'audio/flac', seconds: 300 },
      { kind: 'image', bytes: new Uint8Array(9), contentType: 'image/jpeg' },
    ] as const;
    const estimate = estimateQuestion(flash, { ...question, parts });
    expect(estimate).toBeCloseTo((1_000 + 100 + 10_000 + 1_120) * 0.5e-6 + 9_600e-6 + 100 * 3e-6, 10);
    const drawing = { prompt: 'd.1', system: '', parts: [], aspect: '16:9' as const, count: 3 };
    expect(estimateDrawing(listPrices['gemini-3.1-flash-image']!, drawing)).toBeGreaterThan(3 * 0.067);
  });
});

describe('a refusal', () => {
  const info = (retryDelay: string) => ({ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay });
  const violated = (quotaId: string, quotaValue?: string) => ({ violations: [{ quotaId, quotaValue }] });
  it.each([
    ['told the seconds', 429, '', [info('1.5s')], { kind: 'rate_limited', retryAfterMs: 1500 }],
    [
      'a minute and a day at once: the named seconds hold',
      429,
      '',
      [violated('PerDay'), info('47s')],
      { kind: 'rate_limited', retryAfterMs: 47_000 },
    ],
    ['of a day', 429, '', [violated('RequestsPerDay'), info('35640s')], { kind: 'exhausted', retryAfterMs: 35_640_000 }],
    ['hours under any name', 429, '', [info('9000s')], { kind: 'exhausted', retryAfterMs: 9_000_000 }],
    ['zero in a violation', 429, '', [violated('PerMinute', '0'), info('20s')], { kind: 'refused' }],
    ['zero in metadata', 429, '', [{ metadata: { quota_limit_value: '0' } }], { kind: 'refused' }],
    ['zero in words', 429, 'quota exceeded, limit: 0, model: x', [], { kind: 'refused' }],
    ['twenty in words', 429, 'quota exceeded, limit: 20', [], { kind: 'rate_limited', retryAfterMs: null }],
    ['overloaded', 503, '', [], { kind: 'unavailable' }],
    ['no such model', 404, '', [], { kind: 'refused' }],
  ])('%s', (_, status, message, details, fault) => {
    expect(classifyRefusal({ status, message, details })).toEqual(fault);
  });
});

it('a schema keeps what the vendor understands, and properties with the names of keywords', () => {
  const schema = z.strictObject({ title: z.string().max(70), format: z.enum(['a', 'b']), at: z.array(z.int().min(0).max(9)).max(3) });
  expect(toAnswerSchema(schema)).toEqual({
    type: 'object',
    properties: {
      title: { type: 'string' },
      format: { type: 'string', enum: ['a', 'b'] },
      at: { type: 'array', maxItems: 3, items: { type: 'integer', minimum: 0, maximum: 9 } },
    },
    required: ['title', 'format', 'at'],
  });
});

describe('bytes that come as a picture', () => {
  const png = makePng(1_024, 576);
  it('are one when type, size and aspect agree', () => {
    expect(readPicture(png, '16:9')).toMatchObject({ width: 1_024, height: 576, contentType: 'image/png' });
  });
  it.each([
    ['of another aspect', png, '1:1'],
    ['too small', makePng(320, 180), '16:9'],
    ['cut short', png.subarray(0, png.length - 20), '16:9'],
    ['a text', Buffer.from('{"error":"no"}'), '16:9'],
    ['nothing', Buffer.alloc(0), '16:9'],
    ['a JPEG without a frame', Buffer.from('ffd8ffe000040000ffd9', 'hex'), '16:9'],
  ] as const)('are none when %s', (_, bytes, aspect) => {
    expect(readPicture(bytes, aspect)).toBeNull();
  });
  it('are read of a JPEG too', () => {
    const jpeg = Buffer.from(`ffd8ffe000040000ffc0001108${'0240'}${'0400'}03011100021100031100ffd9`, 'hex');
    expect(readPicture(jpeg, '16:9')).toMatchObject({ width: 1_024, height: 576, contentType: 'image/jpeg' });
  });
});
