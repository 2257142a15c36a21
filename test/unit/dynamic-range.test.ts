import { describe, expect, it } from 'vitest';
import type { VideoFacts } from '#contracts/footage';
import type { Codec } from '#contracts/request';
import { chooseDelivery, type RangeInput } from '#media/render/dynamic-range';
import { buildToneMapFilters } from '#media/render/filters';
import { videoFacts } from '../helpers/video-facts.ts';

const pq = { space: 'bt2020nc', transfer: 'smpte2084', primaries: 'bt2020' };
const output = { aspect: 'source', max_height: null, codec: 'h264', container: 'mp4', hardware: 'auto' } as const;

describe('the light of HDR footage', () => {
  it.each(['hevc', 'av1'] as const)('stays as it came in %s', (codec) => {
    expect(choose({ codec })).toMatchObject({ encoder: { pix_fmt: 'yuv420p10le' }, toneMap: { tone_map: false }, warnings: [] });
  });

  it.each(['h264', 'vp9'] as const)('is mapped to SDR for %s, and that is said', (codec) => {
    const delivery = choose({ codec });
    expect(delivery).toMatchObject({ encoder: { pix_fmt: 'yuv420p' }, toneMap: { tone_map: true } });
    expect(delivery.warnings).toMatchObject([{ code: 'HDR_MAPPED_TO_SDR', message: expect.stringContaining(codec) }]);
  });

  it('is mapped without a word where SDR was asked for', () => {
    for (const codec of ['h264', 'hevc'] as const) {
      const asked = choose({ codec, output: { dynamic_range: 'sdr' } });
      expect(asked).toMatchObject({ encoder: { pix_fmt: 'yuv420p' }, toneMap: { tone_map: true }, warnings: [] });
    }
  });

  it('is mapped where something is drawn on the pictures', () => {
    const drawnOn = choose({ codec: 'hevc', isDrawnOn: true });
    expect(drawnOn).toMatchObject({ encoder: { pix_fmt: 'yuv420p' }, toneMap: { tone_map: true } });
    expect(drawnOn.warnings[0]!.message).toContain('captions and cards');
  });

  it('is left with a warning where this ffmpeg cannot map it', () => {
    expect(choose({ codec: 'h264', filters: [] })).toMatchObject({ toneMap: { tone_map: false }, warnings: [{ code: 'HDR_NOT_MAPPED' }] });
  });

  it('is taken for what PQ and HLG go with where colours have no names', () => {
    const nameless = choose({ codec: 'h264', video: { color: { ...pq, space: 'unknown', primaries: 'unknown' } } });
    expect(nameless.toneMap.assumed).toEqual({ space: 'bt2020nc', primaries: 'bt2020' });
    expect(buildToneMapFilters(nameless.toneMap.assumed)[0]).toBe('setparams=colorspace=bt2020nc:color_primaries=bt2020');
    expect(choose({ codec: 'h264' }).toneMap).toEqual({ tone_map: true });
  });
});

it('deep SDR is delivered in eight bits with a warning, or in ten without', () => {
  const deep = { hdr: false, color: videoFacts().color };
  expect(choose({ codec: 'h264', video: deep }).warnings).toMatchObject([{ code: 'BIT_DEPTH_REDUCED' }]);
  expect(choose({ codec: 'hevc', video: deep })).toMatchObject({ encoder: { pix_fmt: 'yuv420p10le' }, warnings: [] });
});

function choose(wish: {
  codec: Codec;
  video?: Partial<VideoFacts>;
  output?: { dynamic_range: 'sdr' };
  isDrawnOn?: boolean;
  filters?: string[];
}) {
  const capabilities: RangeInput['capabilities'] = {
    encoders: new Set(['libx264', 'libx265', 'libsvtav1', 'libvpx-vp9']),
    deepEncoders: new Set(['libx265', 'libsvtav1']),
    filters: new Set(wish.filters ?? ['zscale', 'tonemap']),
    hardware: new Set(),
  };
  const settings = { mode: 'fast', quality: 'high', output: { ...output, codec: wish.codec, ...wish.output } } as const;
  const video = videoFacts({ bit_depth: 10, pix_fmt: 'yuv420p10le', hdr: true, color: pq, ...wish.video });
  return chooseDelivery({ video, settings, segments: 1, isDrawnOn: wish.isDrawnOn ?? false, capabilities });
}
