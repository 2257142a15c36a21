import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Linux refuses a single argument of 128 KB. */
const maxArgumentChars = 100_000;
const graphFile = 'filter-graph.txt';

/** Moves a filter graph that is too long for a command line into a file of the working folder. */
export async function moveLongGraph(argv: readonly string[], { cwd, version }: { cwd: string; version: string }): Promise<string[]> {
  const at = argv.indexOf('-filter_complex');
  const graph = argv[at + 1] ?? '';
  if (at < 0 || graph.length <= maxArgumentChars) return [...argv];
  await writeFile(join(cwd, graphFile), graph);
  return [...argv.slice(0, at), toFileOption(version), graphFile, ...argv.slice(at + 2)];
}

/** ffmpeg 7 reads any option from a file and ffmpeg 8 no longer knows the older spelling; nightly builds begin with N. */
export function toFileOption(version: string): string {
  const major = Number.parseInt(version, 10);
  return Number.isNaN(major) || major >= 7 ? '-/filter_complex' : '-filter_complex_script';
}
