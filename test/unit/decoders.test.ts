import { expect, it } from 'vitest';
import { decodersAtOnce, mergeCommands } from '#media/decoders';

it('one process opens fewer places of a larger picture, and always one', () => {
  const sizes = [
    { width: 1280, height: 720 },
    { width: 1920, height: 1080 },
    { width: 3840, height: 2160 },
    { width: 16_384, height: 16_384 },
  ];
  expect(sizes.map(decodersAtOnce)).toEqual([27, 12, 3, 1]);
});

it('commands become one in their order, with one graph or none', () => {
  const still = { inputs: [{ path: '/a' }], outputs: [{ path: 'a.jpg', options: [] }] };
  const compared = { inputs: [{ path: '/b' }], filterGraph: '[1:v]null[b]', outputs: [{ path: 'b', options: [] }] };
  expect(mergeCommands([still, still])).toEqual({
    inputs: [...still.inputs, ...still.inputs],
    outputs: [...still.outputs, ...still.outputs],
  });
  expect(mergeCommands([still, compared, compared])).toMatchObject({ filterGraph: '[1:v]null[b];[1:v]null[b]' });
});
