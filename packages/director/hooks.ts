const hooks = [/\d/, /\?|^(how|why|what|when)\b/i, /\b(best|worst|most|first|last|never|only|\p{L}{3,}est)\b/iu];

/** Pure: how many of the three things that make people look are in a text: a number, a question, a superlative. */
export const countHooks = (text: string): number => hooks.filter((hook) => hook.test(text)).length;
