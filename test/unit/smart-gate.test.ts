import { describe, expect, it } from 'vitest';
import type { VideoFacts } from '#contracts/footage';
import { buildChunkCommand } from '#media/render/chunk-command';
import { buildJoinCommand } from '#media/render/join';
import { buildMatchedOptions } from '#media/render/match';
import { choosePicture } from '#media/render/picture';
import { pickSeams } from '#media/render/similarity';
import { type GateInput, gateSmart } from '#media/smart/gate';
import { toSeekBiasS } from '#media/smart/plan';
import { toUncopied } from '#media/smart/report';
import { planFor } from '../helpers/plans.ts';
import { specFor } from '../helpers/specs.ts';
import { videoFacts } from '../helpers/video-facts.ts';

const blob = { key: 'source', bytes: 1, sha256: 'abc', content_type: 'video/mp4' };
const keyframes = Array.from({ length: 20 }, (_, index) => index * 15);
const encoder = { ...specFor({ blob, normalized: false, video: videoFacts() }, [{ start_frame: 0, end_frame: 1 }]).encoder };

describe('pictures may be copied', () => {
  it('from ordinary H.264, whose profile, depth and colours the encoder then takes over', () => {
    expect(gate()).toEqual({
      encoder: 'libx264',
      profile: 'high',
      pix_fmt: 'yuv420p',
      reorder_frames: 2,
      color: videoFacts().color,
      full_range: false,
    });
  });

  it.each<[string, Partial<VideoFacts>]>([
    ['interlaced', { field_order: 'tff' }],
    ['variable_frame_rate', { cfr: false }],
    ['coarse_clock', { time_base: '1/1000' }],
    ['hdr', { hdr: true }],
    ['sample_aspect', { sar: '4:3' }],
    ['size_change', { width: 1919, display_width: 1919 }],
    ['long_gop', { frames: 9000, keyframes: [0, 4000] }],
    ['long_gop', { frames: 9000, open_gops: keyframes.slice(1) }],
    ['pixel_format', { pix_fmt: 'yuv422p' }],
    ['profile', { profile: 'Extended' }],
    ['reorder_depth', { has_b_frames: 4 }],
    ['output_codec', { codec: 'hevc' }],
  ])('not when: %s', (reason, changes) => {
    expect(gate(changes)).toEqual({ gate: reason });
  });

  it('not when another shape is cut out, even where no camera was planned', () => {
    expect(gate({}, { isReframed: true })).toEqual({ gate: 'reframe' });
  });

  it('from an intermediate only where bits do not matter, or on demand', () => {
    const asked = (changes: Partial<GateInput['settings']>) =>
      'gate' in gate({}, { source: { normalized: true }, settings: { quality: 'high', smart_render: 'auto', ...changes } });
    expect([asked({}), asked({ quality: 'ultra' }), asked({ smart_render: true })]).toEqual([true, false, false]);
  });

  it('whatever the length of groups, when nothing is cut', () => {
    expect(gate({ keyframes: [0], frames: 9000 }, { keep: [{ start_frame: 0, end_frame: 9000 }] })).toMatchObject({ profile: 'high' });
  });
});

describe('an encoder that joins copies', () => {
  const options = (reorder_frames: number) =>
    buildMatchedOptions({ ...(gate() as never as Parameters<typeof buildMatchedOptions>[0]), reorder_frames }, encoder).join(' ');

  it('reorders as deep as the source does, under parameter sets of its own', () => {
    expect(options(0)).toContain('-bf 0');
    expect(options(1)).toMatch(/-bf 1 .*sps-id=1.*b-pyramid=none/);
    expect(options(2)).toMatch(/-bf 3 .*sps-id=1.*b-pyramid=normal/);
  });

  it('takes pictures as they are stored, and the join tells players how they lie', () => {
    const video = videoFacts({ keyframes, rotation: 90, display_width: 1080, display_height: 1920 });
    const match = gate({ rotation: 90, display_width: 1080, display_height: 1920 });
    if ('gate' in match) throw new Error(match.gate);
    const spec = specFor({ blob, normalized: false, video }, [{ start_frame: 0, end_frame: 10 }]);
    const command = buildChunkCommand({ ...spec, smart: { match, spans: [], seek_bias_s: 0 } }, '/s.mp4');
    expect(command.inputs[0]!.options).toContain('-noautorotate');
    expect(command.outputs[0]!.options.join(' ')).toContain('fps=30/1,format=yuv420p ');
    const join = (version: string) => buildJoinCommand({ ...joined, rotation: { clockwise: 90, version } });
    expect(join('5.1.9').outputs[0]!.options).toEqual(expect.arrayContaining(['-metadata:s:v:0', 'rotate=270']));
    expect(join('7.1').inputs[0]!.options).toEqual(['-display_rotation:v:0', '270']);
  });
});

it('a seek is corrected only where ffmpeg itself goes back: other containers than MP4, with reordered pictures', () => {
  const bias = (container: string, has_b_frames: number) =>
    toSeekBiasS({ container, source: { normalized: false, video: videoFacts({ has_b_frames }) } });
  expect([bias('matroska,webm', 2), bias('matroska,webm', 0), bias('mov,mp4,m4a', 2)]).toEqual([3 / 23, 0, 0]);
});

it('seams are looked at on the encoded side, on frames of the same moment', () => {
  const spans = [
    { how: 'encode', frames: 20, source_start_frame: 10 },
    { how: 'copy', frames: 60, source_start_frame: 30 },
    { how: 'encode', frames: 1, source_start_frame: 90 },
  ] as const;
  expect(pickSeams({ spans: [...spans], keyframes: [0, 30, 60, 90], outputKeyframes: [0, 20, 50, 80] })).toEqual([
    { sourceFrame: 28, outputFrame: 18, frames: 2 },
    { sourceFrame: 90, outputFrame: 80, frames: 1 },
  ]);
});

it('the report names pieces of which nothing was copied, unless nobody wanted it', () => {
  const made = [{ uncopied: null }, { uncopied: 'decode_messages' }, { uncopied: null }];
  expect(toUncopied({ gates: ['not_worthwhile', null, null] }, made)).toEqual([
    { chunk: 0, reason: 'not_worthwhile' },
    { chunk: 1, reason: 'decode_messages' },
  ]);
  expect(toUncopied({ gates: ['not_asked', 'not_asked', 'not_asked'] }, [{ uncopied: null }])).toEqual([]);
});

const joined = { cwd: '/scratch', audioPath: null, fps: '30/1', codec: 'h264', name: 'video.mp4' } as const;

interface Asked {
  keep?: { start_frame: number; end_frame: number }[];
  settings?: GateInput['settings'];
  source?: { normalized: boolean };
  isReframed?: boolean;
}

function gate(changes: Partial<VideoFacts> = {}, asked: Asked = {}): ReturnType<typeof gateSmart> {
  const video = videoFacts({ keyframes, ...changes });
  const source = { blob, normalized: asked.source?.normalized ?? false, video };
  const plan = planFor(source, asked.keep ?? [{ start_frame: 10, end_frame: 200 }]);
  const settings = asked.settings ?? ({ quality: 'high', smart_render: 'auto' } as const);
  const picture = choosePicture({ video, quality: 'high', maxHeight: null });
  return gateSmart({ source, plan, settings, picture, isReframed: asked.isReframed ?? false, encoder });
}
