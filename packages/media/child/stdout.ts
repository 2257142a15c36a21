/** Cuts chunks into lines; a last line without its end is not given. */
export function createLineSplitter(onLine: (line: string) => void): (chunk: Buffer) => void {
  let rest = '';
  return (chunk) => {
    const lines = (rest + chunk.toString('latin1')).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  };
}

export function createCollector(): { add(chunk: Buffer): void; text(): string } {
  const chunks: Buffer[] = [];
  return { add: (chunk) => void chunks.push(chunk), text: () => Buffer.concat(chunks).toString('utf8') };
}
