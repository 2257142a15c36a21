import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type Codec, codecs, type Mode, type Quality } from '#contracts/request';
import { buildChunkCommand } from '#media/render/chunk-command';
import { buildEncoderOptions, chooseEncoder, softwareEncoders } from '#media/render/encoder';
import { buildPictureFilters, buildSum } from '#media/render/filters';
import { buildConcatList, buildJoinCommand, toTimescale } from '#media/render/join';
import { ssimFloors } from '#media/render/ladder';
import { choosePicture } from '#media/render/picture';
import { buildPreviewCommand } from '#media/render/preview-command';
import { choosePreview, type PreviewInput, planPreview } from '#media/render/preview-plan';
import { pickSpans } from '#media/render/similarity';
import { checkPackets, toDriftMs } from '#media/render/verify-output';
import { buildThumbnailCommand } from '#media/sight/thumbnails';
import { startAtKeyFrame } from '#media/source/frame-time';
import { specFor } from '../helpers/specs.ts';
import { videoFacts } from '../helpers/video-facts.ts';

const blob = { key: 'source', bytes: 1, sha256: 'abc', content_type: 'video/mp4' };
const range = (start_frame: number, end_frame: number) => ({ start_frame, end_frame });

describe('a piece is one command', () => {
  it('that begins at a key frame, picks frames by time and stops after the last one', () => {
    const video = videoFacts({ fps: '30/1', start_s: 1, keyframes: [0, 60, 120] });
    const spec = specFor({ blob, normalized: false, video }, [range(70, 80), range(90, 91)]);
    expect(buildChunkCommand(spec, '/media/source.mp4')).toEqual({
      inputs: [{ path: '/media/source.mp4', options: ['-threads', '2', '-noaccurate_seek', '-ss', '3.016667'] }],
      outputs: [
        {
          path: 'piece.ts',
          options: [
            ...['-map', '0:0', '-an', '-sn', '-dn', '-map_metadata', '-1', '-vf'],
            "trim=end=1.000000,select='(between(t,0.300000,0.633333)+between(t,0.966666,1.000000))',settb=1/30,setpts=N,fps=30/1,setsar=1,format=yuv420p",
            ...['-fps_mode', 'passthrough', '-frames:v', '11', '-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '3'],
            ...[
              '-threads',
              '2',
              '-x264-params',
              'force-cfr=1:open-gop=0',
              '-crf',
              '20',
              '-pix_fmt',
              'yuv420p',
              '-g',
              '120',
              '-f',
              'mpegts',
            ],
          ],
        },
      ],
    });
  });

  it('that does not seek when it begins with the video', () => {
    expect(startAtKeyFrame({ fps: '25/1', start_s: 0.5 }, 0).options).toEqual([]);
  });

  it('whose cards lie over pictures of the depth that it is encoded in, matched or not', () => {
    const drawing = { kind: 'title' as const, spec: { text: 'Here', detail: '', theme: 'midnight' as const } };
    const overlays = [{ drawing, start_frame: 0, frames: 10, floor: 0.95, color_space: 'bt709' }];
    const match = { encoder: 'libx265' as const, profile: 'main10', reorder_frames: 2, color: videoFacts().color, full_range: false };
    const formatsOf = (encoded: string, matched: string | null) => {
      const spec = specFor({ blob, normalized: false, video: videoFacts() }, [range(0, 10)], { pix_fmt: encoded });
      const smart = matched === null ? null : { match: { ...match, pix_fmt: matched }, spans: [], seek_bias_s: 0 };
      const card = { path: 'card', x: 0, y: 0, width: 2, height: 2, frames: [0] };
      return [...buildChunkCommand({ ...spec, overlays, smart }, 'source', [card]).filterGraph!.matchAll(/format=(\w+)/g)].map(
        ([, name]) => name,
      );
    };
    const deep = ['yuv420p10le', 'yuva420p10le', 'yuv420p10', 'yuv420p10le'];
    const plain = ['yuv420p', 'yuva420p', 'yuv420', 'yuv420p'];
    expect(formatsOf('yuv420p', 'yuv420p10le')).toEqual(deep);
    expect(formatsOf('yuv420p10le', 'yuv420p')).toEqual(plain);
    expect(formatsOf('yuv420p10le', null)).toEqual(deep);
  });

  it('whose sums no parser refuses: never more than a handful deep', () => {
    const depth = (text: string) =>
      [...text].reduce(
        ({ now, most }, letter) => {
          const next = now + (letter === '(' ? 1 : letter === ')' ? -1 : 0);
          return { now: next, most: Math.max(most, next) };
        },
        { now: 0, most: 0 },
      ).most;
    expect(depth(buildSum(Array.from({ length: 400 }, (_, index) => `x${index}`)))).toBe(9);
  });
});

describe('the delivered picture', () => {
  const sizeOf = (video: Parameters<typeof videoFacts>[0], quality: Quality = 'high', maxHeight: number | null = null) => {
    const { width, height } = choosePicture({ video: videoFacts(video), quality, maxHeight });
    return [width, height];
  };

  it('is never larger than the source, and even', () => {
    expect(sizeOf({ display_width: 1920, display_height: 1080 }, 'ultra')).toEqual([1920, 1080]);
    expect(sizeOf({ display_width: 641, display_height: 361 })).toEqual([640, 360]);
    expect(sizeOf({ display_width: 1, display_height: 1 })).toEqual([2, 2]);
  });

  it('is capped on its short side, upright or not', () => {
    expect(sizeOf({ display_width: 3840, display_height: 2160 })).toEqual([1920, 1080]);
    expect(sizeOf({ display_width: 1080, display_height: 1920 }, 'medium')).toEqual([720, 1280]);
  });

  it('is no taller than asked', () => {
    expect(sizeOf({ display_width: 1080, display_height: 1920 }, 'high', 960)).toEqual([540, 960]);
  });

  it('is scaled only when its size differs', () => {
    const picture = choosePicture({ video: videoFacts(), quality: 'high', maxHeight: null });
    expect(buildPictureFilters(picture, videoFacts())).toEqual(['setsar=1', 'format=yuv420p']);
    expect(buildPictureFilters(picture, videoFacts({ width: 1080, height: 1920, rotation: 90 }))).toEqual(['setsar=1', 'format=yuv420p']);
    expect(buildPictureFilters({ ...picture, full_range: true }, videoFacts())[0]).toBe('scale=in_range=full:out_range=limited');
    expect(buildPictureFilters({ ...picture, tone_map: true }, videoFacts()).join()).toContain('tonemap=hable');
  });
});

describe('the ladder', () => {
  const output = { aspect: 'source', max_height: null, codec: 'h264', container: 'mp4', hardware: 'auto' } as const;
  const choose = (quality: Quality, mode: Mode, segments = 1) =>
    chooseEncoder(
      { quality, mode, output },
      {
        fps: '30000/1001',
        segments,
        bitDepth: 8,
        capabilities: { encoders: new Set(['libx264']), deepEncoders: new Set(), hardware: new Set() },
      },
    );

  it('takes the preset from the mode and the rate factor from the quality', () => {
    expect(choose('high', 'balanced')).toMatchObject({ name: 'libx264', preset: 'veryfast', crf: 22, gop: 120, pix_fmt: 'yuv420p' });
    expect(choose('low', 'fast')).toMatchObject({ preset: 'superfast', crf: 28 });
    expect(choose('ultra', 'high_quality')).toMatchObject({ preset: 'medium', crf: 18 });
  });

  it('gives a piece two threads where there are few, and one where pieces fill the machine', () => {
    expect([1, 5, 6, 200].map((segments) => choose('high', 'fast', segments).threads)).toEqual([2, 2, 1, 1]);
  });

  it('never asks less of a higher quality', () => {
    for (const mode of ['fast', 'balanced', 'high_quality'] as const) {
      const crfs = (['low', 'medium', 'high', 'ultra'] as const).map((quality) => choose(quality, mode).crf);
      expect(crfs).toEqual(crfs.toSorted((a, b) => b - a));
    }
    expect(Object.values(ssimFloors)).toEqual(Object.values(ssimFloors).toSorted());
  });

  it('offers every codec, and refuses with advice what this ffmpeg lacks', () => {
    const all = {
      encoders: new Set(Object.values(softwareEncoders)),
      deepEncoders: new Set(['libx265', 'libsvtav1']),
      hardware: new Set<string>(),
    };
    const ask = (codec: Codec, capabilities: Parameters<typeof chooseEncoder>[1]['capabilities'], bitDepth = 8) =>
      chooseEncoder({ quality: 'high', mode: 'fast', output: { ...output, codec } }, { fps: '30/1', segments: 1, bitDepth, capabilities });
    expect(codecs.map((codec) => ask(codec, all).name)).toEqual(['libx264', 'libx265', 'libsvtav1', 'libvpx-vp9']);
    expect(codecs.map((codec) => ask(codec, all, 10).pix_fmt)).toEqual(['yuv420p', 'yuv420p10le', 'yuv420p10le', 'yuv420p']);
    expect(ask('hevc', { ...all, deepEncoders: new Set(), hardware: new Set() }, 10).pix_fmt).toBe('yuv420p');
    expect(() => ask('av1', { ...all, encoders: new Set(['libx264']) })).toThrow('no libsvtav1; use h264');
  });

  it('closes its groups in both codecs', () => {
    expect(buildEncoderOptions(choose('high', 'fast')).join(' ')).toContain('open-gop=0');
    expect(buildEncoderOptions({ ...choose('high', 'fast'), codec: 'hevc', name: 'libx265' }).join(' ')).toContain(
      'open-gop=0:repeat-headers=1',
    );
  });
});

describe('the join', () => {
  it('states every length and a timescale that the rate divides', () => {
    expect(buildConcatList([{ frames: 30 }, { frames: 1 }], { fps: '30000/1001', codec: 'h264' }).text).toBe(
      "ffconcat version 1.0\nfile '0001.ts'\nduration 1.001000\nfile '0002.ts'\nduration 0.033367\n",
    );
    expect(['25/1', '30000/1001', '60/1'].map(toTimescale)).toEqual([12_000, 30_000, 12_000]);
  });

  it('copies, with the index first and never cut to the shorter track', () => {
    const { inputs, outputs } = buildJoinCommand({ cwd: '/scratch', audioPath: '/a.m4a', fps: '30/1', codec: 'hevc', name: 'video.mp4' });
    expect(inputs).toEqual([{ path: '/scratch/list.txt', format: 'concat', options: [] }, { path: '/a.m4a' }]);
    expect(outputs[0]!.options).toEqual(expect.arrayContaining(['-c', 'copy', '-tag:v', 'hvc1', '+faststart']));
    expect(outputs[0]!.options).not.toContain('-shortest');
  });
});

describe('the proof of an output', () => {
  const packets = Array.from({ length: 4 }, (_, index) => ({ pts: index * 400, dts: index * 400 - 800, key: index === 0 }));
  const check = (changed: typeof packets) => () => checkPackets(changed, { frames: 4, fps: '30/1' });

  it('accepts an even grid and refuses a missing, doubled, late or disordered frame', () => {
    expect(check(packets)).not.toThrow();
    expect(check(packets.slice(1))).toThrow('3 frames');
    expect(check(packets.with(2, packets[1]!))).toThrow(/Frame 2/);
    expect(check(packets.with(3, { ...packets[3]!, pts: 1300 }))).toThrow(/Frame 3/);
    expect(check(packets.with(2, { ...packets[2]!, dts: -900 }))).toThrow(/Packet 2/);
  });

  it('finds no drift in a track of the planned samples, and all of it in one that starts late', () => {
    const audio = { samples: 48_048 * 10, sampleRate: 48_000 };
    const input = { fps: '30000/1001', cuts: [100, 217], frames: 300, audio };
    expect(toDriftMs({ ...input, startOffsetS: 0 }).max).toBeLessThan(0.02);
    expect(toDriftMs({ ...input, startOffsetS: 0.02 }).max).toBeCloseTo(20, 1);
    expect(toDriftMs({ ...input, audio: { ...audio, samples: audio.samples - 4800 }, startOffsetS: 0 }).end).toBeCloseTo(100, 1);
  });

  it('samples spread spans that begin on kept key frames, clear of captions', () => {
    const keyframes = [0, 60, 120, 180, 240, 300];
    const keep = [range(30, 200), range(230, 400)];
    expect(pickSpans({ keep, keyframes, outputKeyframes: [0, 90, 200] }).map((span) => [span.sourceFrame, span.outputFrame])).toEqual([
      [120, 90],
      [180, 150],
      [300, 240],
    ]);
    expect(pickSpans({ keep, keyframes, outputKeyframes: [0], isClear: (frame) => frame > 200 }).map((span) => span.sourceFrame)).toEqual([
      300,
    ]);
  });
});

describe('the preview', () => {
  it('divides the rate evenly and caps the short side at 360', () => {
    expect(choosePreview(videoFacts({ fps: '60/1' }))).toEqual({ every: 5, width: 640, height: 360 });
    expect(choosePreview(videoFacts({ fps: '12/1', display_width: 200, display_height: 100 }))).toMatchObject({
      every: 1,
      width: 200,
      height: 100,
    });
  });

  it('cuts out the shape that the video gets, where the camera stands', () => {
    const video = videoFacts();
    expect(choosePreview(video, '9:16')).toMatchObject({ width: 360, height: 640, whole: { width: 1136, height: 640 } });
    expect(choosePreview(video, '16:9')).toEqual(choosePreview(video));
    const camera = [{ start_frame: 0, end_frame: 300, layout: 'track' as const, from_x: 0.5, to_x: 0.5 }];
    const [spec] = plan({ video, keep: [range(0, 300)], camera, aspect: '9:16' });
    const { filterGraph } = buildPreviewCommand(spec!, paths);
    expect(filterGraph).toMatch(/scale=1136:640:\S+crop=360:640:x='2\*trunc\(between\(n,0,\d+\)\*388/);
  });

  it('leaves out pictures that no other needs, and moves kept ranges together', () => {
    const [spec] = plan({ keep: [range(0, 30), range(60, 91)] });
    const command = buildPreviewCommand(spec!, paths);
    expect(command.inputs[0]!.options).toEqual(['-threads', '1', '-skip_loop_filter', 'all', '-skip_frame', 'noref']);
    expect(command.filterGraph).toContain("setpts='(T-(0.000000)-gte(T,1.983333)*1.000000)/TB',fps=30/3:start_time=0");
    expect(command.outputs[0]!.options.join(' ')).toContain('-frames:v 21');
  });

  it('a moved cut changes the piece that it lies in and no other', () => {
    const segments = [range(0, 600), range(600, 1200), range(1200, 1800), range(1800, 2400), range(2400, 3000)];
    const before = plan({ segments, keep: [range(0, 500), range(700, 1300), range(1400, 2000), range(2100, 3000)] });
    const after = plan({ segments, keep: [range(0, 500), range(700, 1300), range(1400, 1991), range(2100, 3000)] });
    expect(before.map(({ frames }) => frames)).toEqual([1000, 1000, 600]);
    expect(after.map((spec, index) => isDeepStrictEqual(spec, before[index]))).toEqual([true, false, true]);
  });

  const paths = { source: '/s.mp4', name: 'preview.ts' };
  const plan = (change: Partial<PreviewInput>) =>
    planPreview({
      source: { key: 'k', sha256: 's' },
      video: videoFacts({ fps: '30/1', keyframes: [0] }),
      keep: [],
      camera: [],
      aspect: 'source',
      segments: [range(0, 300)],
      canToneMap: false,
      tool: 'test',
      ...change,
    });
});

it('a thumbnail is one frame, in the matrix and range that JPEG has', () => {
  const video = videoFacts({ keyframes: [0, 30], display_width: 3840, display_height: 2160 });
  const command = buildThumbnailCommand({ sourcePath: '/s.mp4', video, frame: 45, name: 'thumbnail-1.jpg', canToneMap: false });
  const filters = command.outputs[0]!.options.join(' ');
  expect(filters).toContain("select='gte(t,0.466666)'");
  expect(filters).toContain('scale=1920:1080:flags=lanczos:in_color_matrix=bt709:out_color_matrix=bt601:out_range=full');
});
