import type { JobView } from '#contracts/job';
import { addressOf, write } from '../api.ts';
import { type Child, h } from '../dom.ts';
import { formatBytes, formatDuration } from '../format.ts';
import { needsMemory, saveOutput, toMediaAddress } from './media.ts';
import { attempt } from './problem-box.ts';

type Outputs = JobView['outputs'];

/** The pictures, in the order of their numbers. */
export function toThumbnails(outputs: Outputs, signal: AbortSignal): Child {
  const pictures = outputs.filter(({ kind }) => kind === 'thumbnail');
  if (pictures.length === 0) return null;
  return h(
    'ul',
    { class: 'thumbnails', 'aria-label': 'Thumbnails' },
    pictures.map(({ url, name }) => {
      const picture = h('img', { alt: name, loading: 'lazy' });
      toMediaAddress(url, signal).then(
        (address) => picture.setAttribute('src', address),
        () => undefined, // the name stands in its place
      );
      return h('li', {}, picture, toChooser(url, name));
    }),
  );
}

/** Tells which one was taken: new jobs begin with what worked. */
function toChooser(url: string, name: string): Child {
  const place = h('span', { role: 'status' });
  const choose = async () => {
    await write('POST', `${url}/chosen`);
    button.replaceWith('Taken');
  };
  const button = h(
    'button',
    { type: 'button', class: 'link', title: name, focus: `take ${name}`, on: { click: () => void attempt(button, place, choose) } },
    'Take this one',
  );
  return [button, place];
}

/** Everything that can be saved, with its size. */
export function toDownloads(outputs: Outputs): Child {
  return h(
    'ul',
    { class: 'downloads' },
    outputs.map(({ name, url, bytes, media }) =>
      h(
        'li',
        {},
        needsMemory()
          ? h('button', { type: 'button', class: 'link', focus: name, on: { click: () => void saveOutput(url, name) } }, name)
          : h('a', { href: addressOf(url), download: name, focus: name }, name),
        h('span', { class: 'fine number' }, media?.duration_s === undefined ? '' : formatDuration(media.duration_s)),
        h('span', { class: 'fine number' }, formatBytes(bytes)),
      ),
    ),
  );
}
