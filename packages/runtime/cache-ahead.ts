import { type Access, createHabits, type Habits, habitRules } from './predict.ts';

/** Makes a value before anybody asks for it, unless there is one that is fresh beyond then; → until when it is. Throws what making it throws. */
export type Recipe = (beyondMs: number) => Promise<number>;

/** Fetches what is likely next, one value at a time. */
export interface Ahead {
  /** Somebody has looked for it, and so it could be made again. */
  note(access: Access, recipe: Recipe): void;
  /** Looks for hot values that are about to end; over when nothing more is to be made. */
  look(): Promise<void>;
}

export interface AheadOptions {
  /** Values made in any minute. */
  perMinute: number;
  /** Recipes that are kept, the latest ones; each holds the question it asks. */
  maxRecipes?: number;
  habits?: Habits;
  now?: () => number;
}

/** What does not fit into the minute, or fails, is let go: whoever needs it asks for it. */
export function createAhead({ perMinute, maxRecipes = habitRules.maxKeys, habits = createHabits(), now = Date.now }: AheadOptions): Ahead {
  const recipes = new Map<string, Recipe>();
  const wanted = new Set<string>();
  let startsMs: number[] = [];
  let making: Promise<void> | null = null;

  function mayStart(): boolean {
    startsMs = startsMs.filter((atMs) => atMs > now() - 60_000);
    return startsMs.length < perMinute;
  }

  async function makeAll(): Promise<void> {
    for (const key of wanted) {
      wanted.delete(key);
      const recipe = recipes.get(key);
      if (!recipe || !mayStart()) continue;
      startsMs.push(now());
      habits.renewed(key, await recipe(now() + habitRules.leadMs).catch(() => 0));
    }
  }

  function want(keys: readonly string[]): Promise<void> {
    for (const key of keys) wanted.add(key);
    making ??= makeAll().finally(() => {
      making = null;
    });
    return making;
  }

  return {
    note(access, recipe) {
      recipes.delete(access.key);
      recipes.set(access.key, recipe);
      if (recipes.size > maxRecipes) recipes.delete(recipes.keys().next().value as string);
      habits.note(access);
      const next = habits.next(access.key, now());
      if (next.length > 0) void want(next);
    },
    look: () => want(habits.ending(now())),
  };
}
