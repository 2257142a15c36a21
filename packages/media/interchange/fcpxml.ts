import type { Cut, FrameRange } from '#contracts/plan';
import { parseRational, type Rational } from '#contracts/rational';
import { type InterchangeEdit, toMediaUrl } from './edit.ts';
import { toTimecodeRate } from './timecode.ts';

/** Pure: FCPXML 1.10. All times are whole multiples of the frame duration, written as rational seconds. */
export function buildFcpxml({ plan, audio, name }: InterchangeEdit): string {
  const { source } = plan;
  const rate = parseRational(source.fps);
  const time = (frames: number) => toTime(frames, rate);
  const title = escapeXml(name);
  const tcFormat = toTimecodeRate(source.fps).dropFrame ? 'DF' : 'NDF';
  const sound = audio === null ? '' : ` hasAudio="1" audioSources="1" audioChannels="${audio.channels}" audioRate="${audio.sample_rate}"`;
  const clips = placeClips(plan.keep).map(({ offset, ...range }) => {
    const markers = plan.uncertain.filter((cut) => startsIn(range, cut)).map((cut) => `              ${toMarker(cut, time)}`);
    const attributes = `ref="r2" name="${title}" offset="${time(offset)}" start="${time(range.start_frame)}" duration="${time(lengthOf(range))}" tcFormat="${tcFormat}"`;
    if (markers.length === 0) return `            <asset-clip ${attributes}/>`;
    return [`            <asset-clip ${attributes}>`, ...markers, '            </asset-clip>'].join('\n');
  });
  const total = plan.keep.reduce((sum, range) => sum + lengthOf(range), 0);
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE fcpxml>
<fcpxml version="1.10">
  <resources>
    <format id="r1" frameDuration="${time(1)}" width="${source.width}" height="${source.height}"/>
    <asset id="r2" name="${title}" start="0s" duration="${time(source.frames)}" hasVideo="1" format="r1" videoSources="1"${sound}>
      <media-rep kind="original-media" src="${toMediaUrl(name)}"/>
    </asset>
  </resources>
  <library>
    <event name="cutroom">
      <project name="${title}">
        <sequence format="r1" duration="${time(total)}" tcStart="0s" tcFormat="${tcFormat}">
          <spine>
${clips.join('\n')}
          </spine>
        </sequence>
      </project>
    </event>
  </library>
</fcpxml>
`;
}

function placeClips(keep: readonly FrameRange[]): (FrameRange & { offset: number })[] {
  let offset = 0;
  return keep.map((range) => {
    const placed = { ...range, offset };
    offset += lengthOf(range);
    return placed;
  });
}

const lengthOf = (range: FrameRange) => range.end_frame - range.start_frame;
const startsIn = (range: FrameRange, cut: Cut) => cut.start_frame >= range.start_frame && cut.start_frame < range.end_frame;

function toMarker(cut: Cut, time: (frames: number) => string): string {
  const value = escapeXml([cut.reason, cut.text].filter(Boolean).join(': '));
  return `<marker start="${time(cut.start_frame)}" duration="${time(1)}" value="${value}" note="${escapeXml(cut.note ?? '')}"/>`;
}

/** `3003/30000s`; not reduced, so that the frame count stays readable in it. */
function toTime(frames: number, { num, den }: Rational): string {
  if (frames === 0) return '0s';
  return num === 1 ? `${frames * den}s` : `${frames * den}/${num}s`;
}

function escapeXml(text: string): string {
  return text.replace(/[\p{Cc}\p{Surrogate}\uFFFE\uFFFF]/gu, ' ').replace(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`);
}
