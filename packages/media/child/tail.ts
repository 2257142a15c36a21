/** Keeps the last `maxChars` characters of what it is given. */
export function createTail(maxChars: number): { add(text: string): void; text(): string } {
  let kept = '';
  return {
    add(text) {
      kept += text;
      if (kept.length > 2 * maxChars) kept = kept.slice(-maxChars);
    },
    text: () => kept.slice(-maxChars),
  };
}
