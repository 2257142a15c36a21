/** Pure: the names of all options, from `ffmpeg -h long`. */
export function parseOptionNames(help: string): Set<string> {
  return new Set(help.split('\n').flatMap((line) => /^-(\w+)/.exec(line)?.[1] ?? []));
}

/** Pure: options in the spelling that this build knows. `-fps_mode` came with ffmpeg 5.1; before, the same was called `-vsync`. */
export function spellOptions(argv: readonly string[], known: ReadonlySet<string>): string[] {
  return known.has('fps_mode') ? [...argv] : argv.map((word) => (word === '-fps_mode' ? '-vsync' : word));
}
