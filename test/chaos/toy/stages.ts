import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { StageTools } from '../../../apps/worker/stage.ts';
import type { Toy } from './pipeline.ts';

interface Input {
  settings: Toy;
  item: unknown;
}

/** Each execution gives another value, so that a second commit of a node could not pass for the first. */
const make = async ({ settings }: Input, { signal }: StageTools) => {
  if (settings.ms > 0) await delay(settings.ms, undefined, { signal });
  return { nonce: randomUUID() };
};

export const toyStages = {
  async draft(input: Input, tools: StageTools) {
    const { scenes, deadly } = input.settings;
    if (deadly) process.kill(process.pid, 'SIGKILL');
    const { nonce } = await make(input, tools);
    return { nonce, scenes: Array.from({ length: scenes }, (_, index) => `${nonce}.${index}`) };
  },
  scene: make,
  film: make,
};
