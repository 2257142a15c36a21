import type { AssetView, JobView } from '#contracts/job';
import { ApiError } from '../api.ts';
import { type Child, h } from '../dom.ts';
import { formatBytes, formatChange, formatDuration } from '../format.ts';
import { needsMemory, toMediaAddress } from './media.ts';
import { toProblemBox } from './problem-box.ts';

type Output = JobView['outputs'][number];

/** What fetched films may weigh before somebody asks for them. */
const freelyBytes = 40_000_000;

/** What there is to play: the preview until the film is there. Two jobs with equal answers show the same. */
export function filmOf({ outputs }: JobView): Record<'film' | 'captions', Output | undefined> {
  const of = (kind: string) => outputs.find((output) => output.kind === kind);
  return { film: of('video') ?? of('preview'), captions: outputs.find(({ name }) => name === 'captions.vtt') };
}

/** The edit, to be looked at. */
export function toPlayer(job: JobView, { asset, signal }: { asset: AssetView | null; signal: AbortSignal }): Child {
  const { film, captions } = filmOf(job);
  if (!film) return h('div', { class: 'player waiting' }, h('p', { class: 'fine' }, toAbsence(job)));
  const place = h('div', { class: 'player' });
  const load = () =>
    fill(place, { film, captions, signal }).catch((error) => {
      if (error instanceof ApiError) place.replaceChildren(toProblemBox(error.problem));
      else if (!signal.aborted) throw error;
    });
  if (needsMemory() && film.bytes > freelyBytes) {
    place.append(h('button', { type: 'button', on: { click: () => void load() } }, `Load the video (${formatBytes(film.bytes)})`));
  } else void load();
  return h('figure', { class: 'film' }, place, h('figcaption', {}, toCaption(film, asset)));
}

async function fill(
  place: HTMLElement,
  { film, captions, signal }: { film: Output; captions: Output | undefined; signal: AbortSignal },
): Promise<void> {
  const [address, words] = await Promise.all([toMediaAddress(film.url, signal), captions && toMediaAddress(captions.url, signal)]);
  const video = h('video', { controls: true, playsinline: true, preload: 'metadata', src: address, 'aria-label': film.name });
  if (words) {
    const track = document.createElement('track');
    Object.assign(track, { kind: 'captions', label: 'Captions', src: words });
    video.append(track);
  }
  if (film.media?.width && film.media.height) video.style.aspectRatio = `${film.media.width} / ${film.media.height}`;
  place.replaceChildren(video);
}

function toCaption({ kind, media, bytes }: Output, asset: AssetView | null): Child {
  const before = asset?.media.duration_s;
  const after = media?.duration_s;
  return [
    h('span', { class: 'strong' }, kind === 'preview' ? 'Preview' : 'The edit'),
    before !== undefined &&
      after !== undefined &&
      h('span', { class: 'number' }, `${formatDuration(before)} → ${formatDuration(after)} (${formatChange(before, after)})`),
    media?.width !== undefined && h('span', { class: 'number' }, `${media.width} × ${media.height}`),
    h('span', { class: 'number' }, formatBytes(bytes)),
  ];
}

const toAbsence = ({ status }: JobView): string =>
  status === 'awaiting_review'
    ? 'Nothing is rendered before the plan is approved.'
    : status === 'failed' || status === 'cancelled'
      ? 'The job ended before there was anything to play.'
      : 'The preview appears here as soon as it is rendered.';
