/**
 * Collects everything pushed in one turn of the event loop and sends it as one batch; each push settles as its batch does.
 * Batches may overlap, so a slow one delays nobody.
 */
export function createMicroBatch<T>(send: (items: T[]) => Promise<void>): (item: T) => Promise<void> {
  let open: { items: T[]; sent: Promise<void> } | null = null;
  return (item) => {
    if (!open) {
      const items: T[] = [];
      const sent = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
        open = null;
        return send(items);
      });
      open = { items, sent };
    }
    open.items.push(item);
    return open.sent;
  };
}
