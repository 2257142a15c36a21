export interface StreamedEvent {
  id: string;
  type: string;
  data: string;
}

/** Server-sent events out of pieces of text, wherever they were torn. `fetch` is used instead of EventSource because that sends no key. */
export function createEventParser(): (piece: string) => StreamedEvent[] {
  let rest = '';
  let id = '';
  return (piece) => {
    const blocks = (rest + piece).replaceAll('\r\n', '\n').split('\n\n');
    rest = blocks.pop() ?? '';
    return blocks.flatMap((block) => {
      const fields = block.split('\n').map(toField);
      id = fields.findLast(([name]) => name === 'id')?.[1] ?? id;
      const data = fields.filter(([name]) => name === 'data').map(([, value]) => value);
      const type = fields.findLast(([name]) => name === 'event')?.[1] ?? 'message';
      return data.length === 0 ? [] : [{ id, type, data: data.join('\n') }];
    });
  };
}

function toField(line: string): [name: string, value: string] {
  const colon = line.indexOf(':');
  if (colon < 0) return [line, ''];
  return [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')];
}
