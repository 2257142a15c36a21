import { describe, expect, it } from 'vitest';
import { createCalmLog, createErrorLog, createLogger, hideSecrets } from '#runtime/log';

const key = 'ck_0123456789abcdef';
const webhookSecret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const googleKey = 'AIzaSyA1234567890abcdefghijklmnopqrst';

describe('the log', () => {
  it('hides secrets by name and inside texts', () => {
    const lines: string[] = [];
    const log = createLogger({ level: 'info', name: 'api', destination: { write: (line: string) => void lines.push(line) } });
    log.info({ authorization: `Bearer ${key}`, req: { headers: { authorization: 'Bearer other-token' } }, secret: webhookSecret }, 'asked');
    log.warn({ err: new Error(`redis://:hunter2@redis:6379 refused ${key}`) }, `got https://x/y?X-Amz-Signature=abcdef01&expires=5`);
    log.info({ geminiApiKey: googleKey, url: `https://g/v1?key=${googleKey}` }, 'model');
    const text = lines.join('');
    expect(lines).toHaveLength(3);
    expect(text).not.toMatch(/0123456789abcdef|other-token|MfKQ9r8G|hunter2|abcdef01|AIzaSy/);
    expect(text).toMatch(/expires=5/);
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ name: 'api' });
  });

  it('leaves ordinary words alone', () => {
    const line = 'job_01J… of key frames at https://example.com/a?page=2 took 3 s';
    expect(hideSecrets(line)).toBe(line);
  });

  it('repeats a fault once a second, and counts what it kept to itself', () => {
    const said: unknown[] = [];
    let nowMs = 0;
    const log = createErrorLog({ log: { warn: ((fields: object) => said.push(fields)) as never }, message: 'down', now: () => nowMs });
    for (nowMs = 0; nowMs < 2_500; nowMs += 100) log(new Error('x'));
    expect(said).toMatchObject([{ swallowed: 0 }, { swallowed: 9 }, { swallowed: 9 }]);
  });

  it('lets many complain of one trouble with one voice', () => {
    const said: unknown[] = [];
    let nowMs = 0;
    const voice = createCalmLog(
      { warn: ((_: object, message: string) => said.push(message)) as never },
      { everyMs: 5_000, now: () => nowMs },
    );
    for (nowMs = 0; nowMs <= 5_000; nowMs += 2_500) for (const who of ['one', 'two']) voice.warn({}, who);
    expect(said).toEqual(['one', 'one']);
  });
});
