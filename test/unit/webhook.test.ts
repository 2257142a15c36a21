import { describe, expect, it } from 'vitest';
import { nextWebhookDelayMs, parseRetryAfter, toWebhookHeaders, webhookScheduleS } from '#runtime/webhook';

describe('the schedule of a webhook', () => {
  it('has ten attempts over 75 h 35 min 5 s', () => {
    expect(webhookScheduleS).toHaveLength(10);
    expect(webhookScheduleS.reduce((sum, delayS) => sum + delayS, 0)).toBe(75 * 3_600 + 35 * 60 + 5);
  });

  it('is kept with a fifth of jitter either way, and then ends', () => {
    const middle = Array.from({ length: 11 }, (_, made) => nextWebhookDelayMs(made, null, () => 0.5));
    expect(middle).toEqual([...webhookScheduleS.map((delayS) => delayS * 1_000), null]);
    expect(nextWebhookDelayMs(2, null, () => 0)).toBe(240_000);
    expect(nextWebhookDelayMs(2, null, () => 1)).toBe(360_000);
  });

  it('may only be lengthened by Retry-After, up to a day', () => {
    const asked = (made: number, retryAfterS: number) => nextWebhookDelayMs(made, retryAfterS, () => 0.5);
    expect(asked(1, 60)).toBe(60_000);
    expect(asked(9, 60)).toBe(86_400_000);
    expect(asked(1, 10_000_000)).toBe(86_400_000);
    expect(asked(10, 60)).toBeNull();
  });
});

describe('the headers of a webhook', () => {
  it('carry one signature for each secret, over id, time and body', () => {
    const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: 1_614_265_330, body: '{"test": 2432232314}' };
    // The published example of the Standard Webhooks libraries.
    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    expect(toWebhookHeaders({ ...message, secrets: [secret] })).toEqual({
      'content-type': 'application/json',
      'webhook-id': message.id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
    expect(toWebhookHeaders({ ...message, secrets: [secret, secret] })['webhook-signature']).toMatch(/^v1,\S+ v1,\S+$/);
  });
});

describe('Retry-After', () => {
  it.each([
    ['120', 120],
    ['Fri, 20 Nov 2026 10:00:30 GMT', 30],
    ['Fri, 20 Nov 2026 09:00:00 GMT', 0],
    ['soon', null],
    ['-5', null],
    [undefined, null],
  ])('%j means %j seconds', (text, seconds) => {
    expect(parseRetryAfter(text, Date.parse('2026-11-20T10:00:00Z'))).toBe(seconds);
  });
});
