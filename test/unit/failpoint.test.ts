import { afterEach, describe, expect, it } from 'vitest';
import { armFailpoints, parseFailpoints, reach } from '#runtime/failpoint';

const lines: unknown[] = [];
const log = { warn: (line: unknown) => void lines.push(line) };

afterEach(() => {
  armFailpoints([], log);
  lines.length = 0;
});

describe('failpoints', () => {
  it('are read from one line, several by comma', () => {
    expect(parseFailpoints('commit.before:kill:3, outbox.after:sleep 250')).toEqual([
      { name: 'commit.before', action: 'kill', sleepMs: 0, nth: 3 },
      { name: 'outbox.after', action: 'sleep', sleepMs: 250, nth: 1 },
    ]);
  });

  it.each(['commit.before', 'commit.before:sleep', 'commit.before:explode', 'commit.befor:kill', ':kill', 'commit.before:kill:x'])(
    'refuse %s',
    (text) => {
      expect(() => parseFailpoints(text)).toThrow(/expected name:|there is no failpoint/);
    },
  );

  it('hit the nth arrival and no other, and say at the start that they are there', async () => {
    armFailpoints(parseFailpoints('commit.before:throw:2'), log);
    expect(lines).toHaveLength(1);
    await reach('commit.before');
    await reach('commit.after');
    await expect(reach('commit.before')).rejects.toThrow('failpoint commit.before');
    await reach('commit.before');
  });

  it('are nothing when none is set', async () => {
    armFailpoints(null, log);
    expect(lines).toEqual([]);
    await reach('commit.before');
  });
});
