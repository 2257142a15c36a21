import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FrameRange } from '#contracts/plan';
import { type InterchangeEdit, toMediaUrl } from '#media/interchange/edit';
import { buildEdls } from '#media/interchange/edl';
import { buildFcpxml } from '#media/interchange/fcpxml';
import { buildOtio } from '#media/interchange/otio';
import { toTimecode, toTimecodeRate } from '#media/interchange/timecode';
import { readEdls, readFcpxml, readOtio, toFrame } from '../helpers/interchange-readers.ts';

const rates = [
  '5/1',
  '25/2',
  '15000/1001',
  '24000/1001',
  '24/1',
  '25/1',
  '30000/1001',
  '30/1',
  '48/1',
  '50/1',
  '60000/1001',
  '60/1',
  '100/1',
  '120000/1001',
  '120/1',
];

const editOf = (keep: FrameRange[], overrides: { fps?: string; name?: string } = {}): InterchangeEdit => ({
  name: overrides.name ?? 'talk.mp4',
  audio: { index: 1, codec: 'aac', sample_rate: 48_000, channels: 2, start_s: 0 },
  plan: {
    revision: 1,
    by: 'rules',
    source: {
      sha256: 'ab',
      duration_s: 1,
      frames: Math.max(1, ...keep.map((range) => range.end_frame)),
      fps: overrides.fps ?? '25/1',
      width: 1280,
      height: 720,
    },
    keep,
    cuts: [],
    uncertain: [],
  },
});

const arbitraryKeep = fc
  .array(fc.record({ gap: fc.nat(20_000), length: fc.integer({ min: 1, max: 20_000 }) }), { minLength: 1, maxLength: 30 })
  .map((steps) => {
    let frame = 0;
    return steps.map(({ gap, length }) => {
      const start_frame = frame + gap;
      frame = start_frame + length;
      return { start_frame, end_frame: frame };
    });
  });

describe('what an editing program reads back', () => {
  const placed = (keep: FrameRange[]) =>
    keep.map((_range, index) => keep.slice(0, index).reduce((sum, range) => sum + range.end_frame - range.start_frame, 0));

  it.each(rates)('is the plan itself, frame by frame, at %s', (fps) => {
    fc.assert(
      fc.property(arbitraryKeep, (keep) => {
        const edit = editOf(keep, { fps });
        const expected = { keep, record: placed(keep) };
        expect(readOtio(buildOtio(edit), 'Video')).toEqual(expected);
        expect(readOtio(buildOtio(edit), 'Audio')).toEqual(expected);
        expect(readFcpxml(buildFcpxml(edit))).toEqual(expected);
        expect(readEdls(buildEdls(edit), 'V')).toEqual(expected);
        expect(readEdls(buildEdls(edit), 'AA')).toEqual(expected);
      }),
      { numRuns: 25 },
    );
  });

  it('would show a clip that is late by one frame', () => {
    const shifted = buildFcpxml(editOf([{ start_frame: 10, end_frame: 20 }])).replace('start="10/25s"', 'start="11/25s"');
    expect(readFcpxml(shifted).keep).toEqual([{ start_frame: 11, end_frame: 21 }]);
  });
});

describe('timecode', () => {
  it.each([
    [1799, '00:00:59;29'],
    [1800, '00:01:00;02'],
    [17_982, '00:10:00;00'],
    [107_892, '01:00:00;00'],
  ])('writes frame %i of 29.97 as %s', (frame, label) => {
    expect(toTimecode(frame, toTimecodeRate('30000/1001'))).toBe(label);
  });

  it('drops four labels a minute at 59.94 and none elsewhere', () => {
    expect(toTimecode(3_600, toTimecodeRate('60000/1001'))).toBe('00:01:00;04');
    expect(toTimecode(35_964, toTimecodeRate('60000/1001'))).toBe('00:10:00;00');
    expect(toTimecode(1_440, toTimecodeRate('24000/1001'))).toBe('00:01:00:00');
  });

  it('gives every frame a label of its own, in order', () => {
    for (const fps of ['30000/1001', '60000/1001']) {
      const { nominal } = toTimecodeRate(fps);
      const wrong = Array.from({ length: 40_000 }, (_, frame) => frame).filter(
        (frame) => toFrame(toTimecode(frame, toTimecodeRate(fps)), nominal) !== frame,
      );
      expect(wrong).toEqual([]);
    }
  });
});

describe('the CMX3600 list', () => {
  it('is written as editors expect it', () => {
    expect(
      buildEdls(
        editOf(
          [
            { start_frame: 0, end_frame: 50 },
            { start_frame: 75, end_frame: 100 },
          ],
          { fps: '30000/1001', name: 'Rede Ä.mp4' },
        ),
      ),
    ).toEqual([
      `TITLE: Rede A.mp4
FCM: DROP FRAME
* RATE: 30000/1001
001  AX       V     C        00:00:00;00 00:00:01;20 00:00:00;00 00:00:01;20
* FROM CLIP NAME: Rede A.mp4
002  AX       AA    C        00:00:00;00 00:00:01;20 00:00:00;00 00:00:01;20
* FROM CLIP NAME: Rede A.mp4
003  AX       V     C        00:00:02;15 00:00:03;10 00:00:01;20 00:00:02;15
* FROM CLIP NAME: Rede A.mp4
004  AX       AA    C        00:00:02;15 00:00:03;10 00:00:01;20 00:00:02;15
* FROM CLIP NAME: Rede A.mp4
`,
    ]);
  });

  it('splits past 999 events and goes on where the file before ended', () => {
    const keep = Array.from({ length: 700 }, (_, index) => ({ start_frame: index * 10, end_frame: index * 10 + 5 }));
    const files = buildEdls(editOf(keep));
    expect(files.map((file) => [...file.matchAll(/^\d{3} /gm)].length)).toEqual([998, 402]);
    expect(readEdls(files, 'V').keep).toEqual(keep);
  });

  it('says where timecode and clock part ways', () => {
    expect(buildEdls(editOf([{ start_frame: 0, end_frame: 5 }], { fps: '24000/1001' }))[0]).toContain(
      '* 24000/1001 FRAMES A SECOND COUNTED AS 24',
    );
    expect(buildEdls(editOf([{ start_frame: 0, end_frame: 5 }], { fps: '30000/1001' }))[0]).not.toContain('CLOCK');
  });

  it('has no sound events for a silent film', () => {
    expect(buildEdls({ ...editOf([{ start_frame: 0, end_frame: 5 }]), audio: null })[0]).not.toContain(' AA ');
  });
});

describe('names and marks', () => {
  const name = `a "b" <c> & 'd' 100%/ü🎬\n\uD800.mp4`;
  const edit = editOf([{ start_frame: 0, end_frame: 50 }], { name });
  const uncertain = {
    start_frame: 10,
    end_frame: 20,
    reason: 'filler' as const,
    text: '<um>',
    confidence: 0.5,
    note: 'there is no pause beside it',
  };
  const marked = { ...edit, plan: { ...edit.plan, uncertain: [uncertain] } };

  it('percent-encodes the address and escapes the text', () => {
    expect(toMediaUrl(name)).toBe('./a%20%22b%22%20%3Cc%3E%20%26%20%27d%27%20100%25%2F%C3%BC%F0%9F%8E%AC%0A%EF%BF%BD.mp4');
    const xml = buildFcpxml(marked);
    expect(xml.replace(/<[^<>]*>/g, '').trim()).toBe('');
    expect(xml.replace(/&#\d+;/g, '')).not.toContain('&');
    expect(
      buildEdls(edit)[0]!
        .split('\n')
        .every((line) => /^[ -~]*$/.test(line)),
    ).toBe(true);
  });

  it('marks what a reviewer should look at', () => {
    expect(buildFcpxml(marked)).toContain(
      '<marker start="10/25s" duration="1/25s" value="filler: &#60;um&#62;" note="there is no pause beside it"/>',
    );
    const markers = JSON.parse(buildOtio(marked)).tracks.children[0].children[0].markers;
    expect(markers).toMatchObject([
      { OTIO_SCHEMA: 'Marker.2', name: 'filler: <um>', marked_range: { start_time: { value: 10 }, duration: { value: 10 } } },
    ]);
  });

  it('keeps our decisions with the timeline', () => {
    expect(JSON.parse(buildOtio(marked)).metadata.cutroom).toEqual({
      revision: 1,
      by: 'rules',
      rate: '25/1',
      cuts: [],
      uncertain: [uncertain],
    });
  });
});
