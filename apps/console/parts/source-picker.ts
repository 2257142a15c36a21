import type { AssetView } from '#contracts/job';
import { ApiError, read } from '../api.ts';
import { announce, type Child, createSlot, h } from '../dom.ts';
import { formatBytes, formatDuration } from '../format.ts';
import { uploadFile } from '../upload.ts';
import { toProblemBox } from './problem-box.ts';
import { toProgressBar } from './status.ts';

export type Source = { asset_id: string } | { url: string };

export interface SourcePicker {
  element: HTMLElement;
  /** Null while there is nothing to edit. */
  input(): Source | null;
}

/** Footage is dropped, chosen, or named by its address. A file is uploaded at once: then the estimate can look at it. */
export function createSourcePicker({ signal, onChange }: { signal: AbortSignal; onChange: () => void }): SourcePicker {
  const state = createSlot({ class: 'picked' });
  let asset: AssetView | null = null;
  let current = new AbortController();

  const take = async (file: File) => {
    current.abort();
    current = new AbortController();
    const stop = AbortSignal.any([current.signal, signal]);
    asset = null;
    onChange();
    const onProgress = (share: number) => state.show([file.name, share], () => toUploading(file, share));
    onProgress(0);
    try {
      const id = await uploadFile(file, { onProgress, signal: stop });
      asset = await read<AssetView>(`/v1/assets/${id}`, stop);
      state.show(asset, () => asset && toAsset(asset));
      announce(`${file.name} is uploaded.`);
      onChange();
    } catch (error) {
      if (stop.aborted) return;
      if (!(error instanceof ApiError)) throw error;
      state.show(error.problem, () => toProblemBox(error.problem));
    }
  };
  const fileField = h('input', {
    id: 'file',
    type: 'file',
    accept: 'video/*,.mkv,.mov,.mp4,.webm,.avi,.ts,.mxf',
    class: 'unseen',
    on: { change: () => fileField.files?.[0] && void take(fileField.files[0]) },
  });
  const address = h('input', {
    id: 'url',
    type: 'url',
    placeholder: 'https://…',
    autocomplete: 'off',
    on: { input: () => onChange() },
  });
  return {
    element: h(
      'section',
      { class: 'panel', 'aria-labelledby': 'footage-title' },
      h('h2', { id: 'footage-title' }, 'Footage'),
      toDropZone(fileField, (file) => void take(file)),
      state.element,
      h('div', { class: 'field' }, h('label', { for: 'url' }, 'Or fetch it from an address'), address),
    ),
    input() {
      if (asset) return { asset_id: asset.id };
      return URL.canParse(address.value) ? { url: address.value } : null;
    },
  };
}

function toDropZone(field: HTMLInputElement, onFile: (file: File) => void): HTMLElement {
  const mark = (over: boolean) => (event: DragEvent) => {
    event.preventDefault();
    zone.classList.toggle('over', over);
  };
  const zone: HTMLElement = h(
    'div',
    {
      class: 'drop',
      on: {
        dragover: mark(true),
        dragleave: mark(false),
        drop: (event) => {
          mark(false)(event);
          const file = event.dataTransfer?.files[0];
          if (file) onFile(file);
        },
      },
    },
    field,
    h('label', { for: 'file' }, h('span', { class: 'strong' }, 'Choose a recording'), h('span', { class: 'fine' }, 'or drop it here')),
  );
  return zone;
}

const toUploading = (file: File, share: number): Child => [
  h('p', {}, h('span', { class: 'strong' }, file.name), h('span', { class: 'fine number' }, ` ${formatBytes(file.size)}`)),
  h(
    'div',
    { class: 'standing' },
    toProgressBar(Math.round(share * 100), 'Upload'),
    h('span', { class: 'number fine' }, `${Math.round(share * 100)} %`),
  ),
];

function toAsset({ name, bytes, media }: AssetView): Child {
  const { video, audio, duration_s } = media;
  const facts = [
    formatDuration(duration_s),
    video && `${video.width} × ${video.height}, ${video.codec}`,
    audio ? `${audio.codec}, ${audio.channels} ch` : 'no sound',
    formatBytes(bytes),
  ];
  return [h('p', { class: 'strong' }, name), h('p', { class: 'fine number' }, facts.filter(Boolean).join(' · '))];
}
