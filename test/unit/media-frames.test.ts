import { describe, expect, test } from 'vitest';
import type { Facts } from '#contracts/footage';
import { findFrameRate } from '#media/source/frame-rate';
import { toGeometry } from '#media/source/geometry';
import { createPacketReader } from '#media/source/gop';
import { buildNormalizeCommand } from '#media/source/normalize';
import { checkHeaders, checkRate, defaultSourceLimits } from '#media/source/refusals';
import { toFieldOrder } from '#media/source/video-facts';

const read = (lines: string[]) => {
  const reader = createPacketReader(1000);
  for (const line of lines) reader.onLine(line);
  return reader.index();
};

describe('the index of frames', () => {
  test('counts in order of display and finds the key frames that pictures lead into', () => {
    const index = read(['0|-2|K__', '3|-1|___', '1|0|___', '2|1|___', '6|2|K__', '4|3|___', '5|4|___', '9|5|K__', '10|6|___']);
    expect(index).toMatchObject({ pts: [0, 1, 2, 3, 4, 5, 6, 9, 10], keyframes: [0, 6, 7], openGops: [6], untimed: 0, undecodable: 0 });
  });

  test('leaves out what an edit list discards, though decoding begins there', () => {
    expect(read(['-2|-4|KD_', '-1|-3|_D_', '0|-2|___', '1|-1|___', '2|0|K__'])).toMatchObject({
      pts: [0, 1, 2],
      keyframes: [2],
      undecodable: 0,
    });
  });

  test('takes decoding times for want of better and tells so', () => {
    expect(read(['N/A|0|K__', 'N/A|1|___'])).toMatchObject({ pts: [0, 1], untimed: 2 });
  });

  test('counts packets before the first key frame', () => {
    expect(read(['0|0|___', '1|1|___', '2|2|K__']).undecodable).toBe(2);
  });

  test('ends at a bomb', () => {
    const reader = createPacketReader(2);
    expect(() => ['0|0|K__', '1|1|___', '2|2|___'].forEach(reader.onLine)).toThrow(/more than 2 frames/);
  });
});

describe('the frame rate', () => {
  const rate = (num: number, den = 1) => ({ num, den });
  const grid = (frames: number, ticks: number) => Array.from({ length: frames }, (_, frame) => Math.round(frame * ticks));

  test('of exact ticks is exact', () => {
    expect(findFrameRate(grid(300, 1001), rate(1, 30000), [rate(30000, 1001)])).toMatchObject({ fps: rate(30000, 1001), cfr: true });
  });

  test('rounded to milliseconds is the claimed standard rate, even where a short clip fits another', () => {
    expect(findFrameRate(grid(20, 1001 / 30), rate(1, 1000), [rate(30000, 1001)])).toMatchObject({ fps: rate(30000, 1001), cfr: true });
    expect(findFrameRate(grid(300, 1000 / 24), rate(1, 1000), [rate(1000)])).toMatchObject({ fps: rate(24), cfr: true });
  });

  test('that is odd but even-paced is kept', () => {
    expect(findFrameRate(grid(9, 3001), rate(1, 90000), [null])).toMatchObject({ fps: rate(90000, 3001), cfr: true });
  });

  test('with every third frame dropped is the rate before, not the mean', () => {
    const pts = grid(300, 1001).filter((_, frame) => frame % 3 !== 2);
    expect(findFrameRate(pts, rate(1, 24000), [rate(24000, 1001)])).toMatchObject({ fps: rate(24000, 1001), cfr: false });
  });

  test('of a jittering phone is the nearest standard rate', () => {
    const pts = grid(101, 3000).map((time, frame) => time + (frame % 5) * 90);
    expect(findFrameRate(pts, rate(1, 90000), [rate(179, 6)])).toMatchObject({ fps: rate(30), cfr: false });
  });

  test('below one a second is a row of stills, never a grid', () => {
    expect(findFrameRate(grid(5, 4000), rate(1, 1000), []).cfr).toBe(false);
  });
});

describe('geometry', () => {
  const stream = { index: 0, width: 720, height: 576 };
  const matrix = (rows: string, rotation: number) => ({ ...stream, side_data_list: [{ displaymatrix: `\n${rows}\n`, rotation }] });
  const turned =
    '00000000:            0       65536           0\n00000001:       -65536           0           0\n00000002:  0 0 1073741824';

  test('widens by the sample aspect', () => {
    expect(toGeometry({ ...stream, sample_aspect_ratio: '16:11' })).toMatchObject({
      display_width: 1047,
      display_height: 576,
      sar: '16:11',
    });
  });

  test('turns clockwise what ffprobe counts the other way, and swaps the sides', () => {
    expect(toGeometry(matrix(turned, -90))).toMatchObject({ rotation: 90, display_width: 576, display_height: 720, mirrored: false });
  });

  test('sees a mirror in the matrix', () => {
    expect(toGeometry(matrix(turned.replace('-65536', ' 65536'), -90)).mirrored).toBe(true);
  });

  test.each(['0:1', 'N/A', '1:1000', undefined])('takes the sample aspect %s for square', (sample_aspect_ratio) => {
    expect(toGeometry({ ...stream, sample_aspect_ratio })).toMatchObject({ sar: '1:1', display_width: 720 });
  });

  test('ignores an absurd rotation', () => {
    expect(toGeometry({ ...stream, side_data_list: [{ rotation: -(2 ** 63) }] }).rotation).toBe(0);
  });
});

test('the field that is seen first names the order', () => {
  expect(['tt', 'bb', 'tb', 'bt', 'progressive', undefined].map(toFieldOrder)).toEqual([
    'tff',
    'bff',
    'bff',
    'tff',
    'progressive',
    'progressive',
  ]);
});

describe('refusals', () => {
  const file = (streams: object[]) => ({ streams: streams.map((stream, index) => ({ index, ...stream })), format: { format_name: 'mov' } });

  test('name size, streams and rate', () => {
    const limits = defaultSourceLimits;
    expect(() => checkHeaders(file([{ codec_type: 'video', width: 7680, height: 4320 }]), limits)).toThrow(/7680×4320/);
    expect(() => checkHeaders(file(Array(33).fill({ codec_type: 'data' })), limits)).toThrow(/33 streams/);
    const cfr = { fps: { num: 30, den: 1 }, cfr: true };
    expect(() => checkRate({ ...cfr, meanFps: 240 }, 100, limits)).toThrow(/240 frames a second/);
  });

  test('end a bomb whose few frames would fill a long grid', () => {
    const rate = { fps: { num: 60, den: 1 }, cfr: false, meanFps: 0.0025 };
    expect(() => checkRate(rate, 100, { ...defaultSourceLimits, maxDurationS: 1e6 })).toThrow(/1500000 frames/);
  });
});

describe('the intermediate', () => {
  const video = { index: 1, fps: '30000/1001', frames: 20, cfr: false, start_s: 0.5, field_order: 'tff', bit_depth: 10, full_range: false };
  const color = { space: 'bt2020nc', transfer: 'arib-std-b67', primaries: 'bt2020' };
  const facts = { duration_s: 10, container_start_s: 1, video: { ...video, color } } as Facts;

  test('is a constant grid that begins with the first picture, upright, progressive and as deep as the upload', () => {
    const command = buildNormalizeCommand(facts, '/data/a.ts');
    const options = command.outputs[0]!.options;
    const value = (name: string) => options[options.indexOf(name) + 1];
    expect(command.inputs).toEqual([{ path: '/data/a.ts', options: ['-copyts'] }]);
    expect(value('-map')).toBe('0:1');
    expect(value('-vf')).toBe(
      'bwdif=mode=send_frame:parity=auto:deint=all,setpts=PTS-1.500000/TB,fps=30000/1001:start_time=0,' +
        'tpad=stop=-1:stop_mode=clone,crop=trunc(iw/2)*2:trunc(ih/2)*2:0:0,format=yuv420p10le',
    );
    expect([value('-frames:v'), value('-g'), value('-color_trc')]).toEqual(['300', '30', 'arib-std-b67']);
  });

  test('takes no colour name that is none', () => {
    const odd = { ...facts, video: { ...facts.video, color: { space: 'gbr', transfer: 'unknown', primaries: '-evil x' } } };
    expect(buildNormalizeCommand(odd, '/data/a.ts').outputs[0]!.options).not.toEqual(expect.arrayContaining(['-colorspace']));
  });
});
