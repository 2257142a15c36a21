/**
 * Askers of one turn of the event loop share one answer. The question is put after all of them have asked, so that nobody
 * gets an answer older than its question: this is no cache.
 */
export function shareTurn<T>(ask: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const open = new Map<string, Promise<T>>();
  return (key) => {
    const shared = open.get(key);
    if (shared) return shared;
    const answer = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      open.delete(key);
      return ask(key);
    });
    open.set(key, answer);
    return answer;
  };
}
