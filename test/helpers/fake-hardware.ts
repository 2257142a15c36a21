import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTools } from './tools.ts';

export interface FakeHardware {
  /** An ffmpeg that claims a hardware encoder of H.264 and makes its pieces with libx264, when it makes them. */
  path: string;
  /** `sometimes`: of four pieces one ends with an error and one has too few frames, each at a random frame. */
  behave(how: 'well' | 'sometimes' | 'never'): void;
  /** How many pieces it was asked for. */
  calls(): number;
}

/** For machines without a device. The trial at start always succeeds; what comes later fails as told. */
export function makeFakeHardware(folder: string): FakeHardware {
  const path = join(folder, 'ffmpeg-with-hardware');
  const [mood, log] = [join(folder, 'mood'), join(folder, 'calls')];
  writeFileSync(path, script({ ffmpeg: readTools().ffmpeg.path, mood, log }));
  chmodSync(path, 0o755);
  const behave: FakeHardware['behave'] = (how) => writeFileSync(mood, how);
  behave('well');
  return { path, behave, calls: () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').length : 0) };
}

const script = ({ ffmpeg, mood, log }: { ffmpeg: string; mood: string; log: string }): string => `#!/bin/sh
case " $* " in
*" -encoders "*) '${ffmpeg}' "$@" | grep -v _nvenc; echo ' V....D h264_nvenc           a device that is not there'; exit ;;
*" h264_nvenc "*) ;;
*) exec '${ffmpeg}' "$@" ;;
esac
case " $* " in *" color=black"*) trial=yes ;; *) trial=no; echo call >> '${log}' ;; esac
few=$(( $(od -An -N2 -tu2 /dev/urandom) % 5 + 1 ))
how=well
[ $trial = no ] && case "$(cat '${mood}')" in
never) how=fail ;;
sometimes) case $(( $(wc -l < '${log}') % 4 )) in 1) how=short ;; 3) how=fail ;; esac ;;
esac
count=$#
while [ $count -gt 0 ]; do
  word=$1; shift; count=$((count - 1)); value=$1
  case $word in
  h264_nvenc) set -- "$@" libx264 ;;
  -preset) shift; count=$((count - 1)); set -- "$@" -preset ultrafast ;;
  -rc | -cq | -b:v | -forced-idr) shift; count=$((count - 1)) ;;
  -frames:v) shift; count=$((count - 1)); [ $how = well ] || value=$few; set -- "$@" -frames:v "$value" ;;
  *) set -- "$@" "$word" ;;
  esac
done
[ $how = fail ] || exec '${ffmpeg}' "$@"
'${ffmpeg}' "$@" 2>/dev/null
echo 'OpenEncodeSessionEx failed: out of memory (10)' >&2
exit 187
`;
