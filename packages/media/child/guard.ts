const outputName = /^[A-Za-z0-9_][\w.%-]*$/;
/** One plain file and stdout, each with options of its muxer that name no file. */
const outputTee = /^\[[\w=:+]+\][A-Za-z0-9_][\w.-]*\|\[[\w=:+]+\]pipe:1$/;
/** What may come by standard input: samples and coded sound of our own making, never anything that is probed. */
const pipedFormats = ['f32le', 'aac'];
const opensFiles = /(^|[^a-z_])a?movie\s*=/;
const forbidden = ['-attach', '-dump_attachment', '-report', '-vstats_file', '-vstats', '-sdp_file', '-init_hw_device', '-passlogfile'];

/** Throws unless the final argv keeps every promise of the sandbox: the last look before a process is started. */
export function checkArguments(argv: readonly string[], outputs: readonly string[]): void {
  let from = 0;
  for (let at = argv.indexOf('-i'); at >= 0; at = argv.indexOf('-i', from)) {
    checkInput(argv.slice(from, at), argv[at + 1] ?? '');
    from = at + 2;
  }
  if (from === 0) refuse('no input');
  const bad = argv.find((word) => forbidden.some((option) => word === option || word.startsWith(`${option}:`)));
  if (bad) refuse(`${bad} is not allowed`);
  if (argv.some((word) => opensFiles.test(word))) refuse('filters that open files are not allowed');
  if (argv.some((word) => word.includes('\0'))) refuse('a NUL byte');
  checkOutputs(argv.slice(from), outputs);
}

function checkInput(options: readonly string[], url: string): void {
  const formats = only(options, '-format_whitelist');
  if (only(options, '-protocol_whitelist') !== 'file,pipe') refuse('an input without its protocol whitelist');
  if (only(options, '-f') === 'lavfi') {
    if (formats !== 'lavfi') refuse('a generated input must allow lavfi alone');
    return;
  }
  if (formats === undefined || /(^|,)(hls|dash|lavfi|sdp|rtsp?|tty)(,|$)/.test(formats)) refuse('an input without its format whitelist');
  if (url === 'pipe:0' && pipedFormats.includes(only(options, '-f') ?? '')) return;
  if (!url.startsWith('file:/')) refuse('an input that is not an absolute file');
}

function checkOutputs(argv: readonly string[], outputs: readonly string[]): void {
  let from = 0;
  for (const output of outputs) {
    const at = argv.indexOf(output, from);
    const options = argv.slice(from, at);
    if (at < 0 || !(output === 'pipe:1' || outputName.test(output) || outputTee.test(output)))
      refuse('an output outside the working folder');
    if (options.includes('tee') !== outputTee.test(output)) refuse('a list of outputs that was not asked for');
    if (!options.includes('-t') || !options.includes('-fs')) refuse('an output without -t and -fs');
    from = at + 1;
  }
  if (from !== argv.length || outputs.length === 0) refuse('words after the last output');
}

/** The value of an option that occurs once; twice is refused, since the later one would win. */
function only(options: readonly string[], name: string): string | undefined {
  const at = options.indexOf(name);
  if (at >= 0 && options.indexOf(name, at + 1) >= 0) refuse(`${name} given twice`);
  return at < 0 ? undefined : options[at + 1];
}

function refuse(reason: string): never {
  throw new Error(`unsafe ffmpeg command: ${reason}`);
}
