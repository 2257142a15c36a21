import { expect, test } from 'vitest';
import { parseOptionNames, spellOptions } from '#media/child/option-names';

const help = 'Main options:\n-L                  show license\n\nAdvanced Video options:\n-vsync              video sync method\n';
const argv = ['-i', 'file:/a', '-fps_mode', 'passthrough', 'out.mp4'];

test('the frame rate mode is spelt the way the build knows it', () => {
  expect([...parseOptionNames(help)]).toEqual(['L', 'vsync']);
  expect(spellOptions(argv, parseOptionNames(help))).toEqual(['-i', 'file:/a', '-vsync', 'passthrough', 'out.mp4']);
  expect(spellOptions(argv, parseOptionNames(`${help}-fps_mode           set framerate mode\n`))).toEqual(argv);
});
