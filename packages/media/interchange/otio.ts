import type { Cut, FrameRange } from '#contracts/plan';
import { toFps } from '#contracts/rational';
import { type InterchangeEdit, toMediaUrl } from './edit.ts';

type Json = Record<string, unknown>;

/** Pure: OpenTimelineIO, a picture and a sound track of the same clips; what a reviewer should look at as markers, all decisions under `metadata.cutroom`. */
export function buildOtio(edit: InterchangeEdit): string {
  const { plan, name, audio } = edit;
  const rate = toFps(plan.source.fps);
  const tracks = audio === null ? ['Video'] : ['Video', 'Audio'];
  const timeline = {
    OTIO_SCHEMA: 'Timeline.1',
    name,
    global_start_time: toTime(0, rate),
    metadata: { cutroom: { revision: plan.revision, by: plan.by, rate: plan.source.fps, cuts: plan.cuts, uncertain: plan.uncertain } },
    tracks: {
      ...composition('Stack.1', 'tracks'),
      children: tracks.map((kind) => ({ ...composition('Track.1', kind), kind, children: toClips(edit, { kind, rate }) })),
    },
  };
  return `${JSON.stringify(timeline, null, 2)}\n`;
}

const composition = (schema: string, name: string): Json => ({
  OTIO_SCHEMA: schema,
  name,
  metadata: {},
  source_range: null,
  effects: [],
  markers: [],
  enabled: true,
});

function toClips({ plan, name }: InterchangeEdit, { kind, rate }: { kind: string; rate: number }): Json[] {
  const reference = {
    OTIO_SCHEMA: 'ExternalReference.1',
    name,
    target_url: toMediaUrl(name),
    available_range: toRange({ start_frame: 0, end_frame: plan.source.frames }, rate),
    metadata: { cutroom: { sha256: plan.source.sha256 } },
  };
  return plan.keep.map((range) => ({
    ...composition('Clip.2', name),
    source_range: toRange(range, rate),
    markers: kind === 'Video' ? plan.uncertain.filter((cut) => startsIn(range, cut)).map((cut) => toMarker(cut, rate)) : [],
    media_references: { DEFAULT_MEDIA: reference },
    active_media_reference_key: 'DEFAULT_MEDIA',
  }));
}

const startsIn = (range: FrameRange, cut: Cut) => cut.start_frame >= range.start_frame && cut.start_frame < range.end_frame;

function toMarker(cut: Cut, rate: number): Json {
  const name = [cut.reason, cut.text].filter(Boolean).join(': ');
  return {
    OTIO_SCHEMA: 'Marker.2',
    name,
    color: 'YELLOW',
    comment: cut.note ?? '',
    marked_range: toRange(cut, rate),
    metadata: { cutroom: { confidence: cut.confidence } },
  };
}

const toTime = (value: number, rate: number) => ({ OTIO_SCHEMA: 'RationalTime.1', rate, value });

const toRange = ({ start_frame, end_frame }: FrameRange, rate: number) => ({
  OTIO_SCHEMA: 'TimeRange.1',
  start_time: toTime(start_frame, rate),
  duration: toTime(end_frame - start_frame, rate),
});
