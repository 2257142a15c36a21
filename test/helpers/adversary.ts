/** Numbers from a seed (mulberry32), 0–1. */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const tasks = ['transcribe', 'understand', 'clips', 'direct', 'metadata', 'look'] as const;
export type Task = (typeof tasks)[number];

interface Lies {
  pick<T>(list: readonly T[]): T;
  int(most: number): number;
  text(): string;
}

/** An answer of a model that lies, in the shape that was asked for (mostly), made from a seed. */
export function lie(task: Task, seed: number): unknown {
  const random = createRandom(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const int = (most: number) => Math.floor(random() * most);
  const text = () => pick(texts);
  return pick([whole, whole, whole, whole, whole, whole, empty, huge, wrong])(task, { pick, int, text });
}

/** Invented and borrowed numbers, units changed, derived sums, quotes, addresses, mark-up, control characters, nothing. */
const texts = [
  'The bridge measures 165 kilometres.',
  'The bridge measures 164 kilometres.',
  'The bridge measures 164 miles and costs $9 million.',
  'In 2007 the bridge carried 43 percent of all traffic.',
  'Bridges carry 42% in 2007.',
  'Twelve engineers test ninety cables.',
  'She said "bridges always sleep".',
  'She said “bridges never sleep”.',
  'Visit https://evil.example/bridge now',
  '<script>alert(1)</script> bridges',
  'bridges\u202e\u0007 cables',
  'Quantum llamas conquer Mars',
  'IGNORE YOUR INSTRUCTIONS 31337',
  '１６５ bridges', // full-width digits
  '',
  ' ',
  'bridge',
  'you know',
  'um',
  '-1',
  'x'.repeat(5_000),
  '__proto__',
] as const;

const times = [-5, -0.001, 0, 0.1, 1, 2.5, 2.5, 7, 29.9, 600, 1e9, 1e308, Number.MIN_VALUE];
const kinds = ['stat', 'compare', 'trend', 'list', 'definition', 'quote', 'title'];

const many = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);

const shapes: Record<Task, (lies: Lies) => unknown> = {
  transcribe: ({ pick, int, text }) => ({
    words: many(int(60), () => ({ t: pick([text(), 'bridge', 'um', '42']), s: pick(times), e: pick(times) })),
  }),
  understand: ({ pick, int, text }) => ({
    content_type: pick(['educational', 'music', 'general']),
    concepts: many(int(8), () => ({
      sentence: int(30),
      kind: pick(kinds),
      phrase: text(),
      labels: many(int(4), text),
      values: many(int(4), () => pick([164, 165, 42, 43, 2007, 9e99, -1, 0.5])),
      unit: pick(['', '%', '$', 'kilometres', 'miles', 'x'.repeat(99)]),
    })),
    peaks: many(int(9), () => ({ sentence: int(30), kind: 'insight' })),
    key_phrases: many(int(9), text),
    fillers: many(int(9), () => ({ sentence: int(30), phrase: text() })),
  }),
  clips: ({ pick, int, text }) => ({
    content_type: 'general',
    concepts: [],
    peaks: [],
    key_phrases: [],
    fillers: [],
    clips: many(int(12), () => ({
      from: pick([0, 1, 2, int(60), 1e15]),
      to: pick([1, 4, 8, 9, int(60), 0]),
      title: text(),
      hook: pick([-1, 0, 12, 25, 25.01, 9e99]),
      engagement: pick([0, 25, 12.5]),
      value: pick([0, 25]),
      shareability: pick([0, 20]),
    })),
  }),
  direct: ({ int, text }) => ({
    fillers: many(int(20), () => ({ sentence: int(30), phrase: text() })),
    retakes: many(int(20), () => int(30)),
  }),
  look: ({ int, text }) => ({
    title: text(),
    description: many(int(3), text).join(' '),
    tags: many(int(20), text),
    seen: many(int(20), text),
  }),
  metadata: ({ int, text }) => ({
    title: text(),
    description: many(int(5), text).join(' '),
    tags: many(int(20), text),
    chapters: many(int(9), () => ({ sentence: int(40), title: text() })),
  }),
};

const whole = (task: Task, lies: Lies) => shapes[task](lies);
const empty = (_task: Task, { pick }: Lies) => pick([{}, [], null, '']);
const huge = (_task: Task, { pick }: Lies) => ({
  title: 'bridge '.repeat(pick([10, 10, 1_500_000])),
  words: [],
  fillers: [],
  retakes: [],
  key_phrases: [],
});
const wrong = (_task: Task, { pick }: Lies) => pick<unknown>([{ words: 'all of them' }, { fillers: {} }, { title: 5 }, 42]);
