import { expect, it } from 'vitest';
import { chooseFrames, countFrames, frameSide, mostFrames } from '#director/look-frames';
import { buildThumbnailCommand } from '#media/sight/thumbnails';
import { directorInput } from '../helpers/director-input.ts';

const scored = (frame: number, score: number) => ({ frame, score, sharp: 1, exposure: 1, contrast: 1, colour: 1, dhash: '0'.repeat(16) });

it('a model is shown one frame for each five seconds, twelve at most', () => {
  expect([0.1, 5, 5.1, 60, 7_200].map(countFrames)).toEqual([1, 1, 2, 12, mostFrames]);
});

it('of each part of the footage the best frame stands for it, in order; without any it is the middle', () => {
  const candidates = [scored(900, 0.2), scored(10, 0.5), scored(40, 0.9), scored(990, 0.8), scored(500, 0.1)];
  expect(chooseFrames(candidates, { frames: 1_000, durationS: 20 })).toEqual([40, 500, 990]);
  expect(chooseFrames([], { frames: 1_000, durationS: 20 })).toEqual([500]);
});

it.each([
  [1920, 1080, '1024:576'],
  [1080, 1920, '576:1024'],
  [640, 360, '640:360'],
])('a frame of %i×%i is sent as %s', (display_width, display_height, size) => {
  const { video } = directorInput().source;
  const given = { sourcePath: 'a', frame: 5, name: 'f.jpg', canToneMap: false, longestSide: frameSide };
  const command = buildThumbnailCommand({ ...given, video: { ...video, display_width, display_height } });
  expect(command.outputs[0]!.options.join(' ')).toContain(`scale=${size}:`);
});
