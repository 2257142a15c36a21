import type { JobRequest } from '#contracts/request';
import { h } from '../dom.ts';

type Wishes = Omit<JobRequest, 'input'>;

const choices = {
  content_type: { label: 'Content', options: ['auto', 'educational', 'music', 'general'], chosen: 'auto' },
  mode: { label: 'Care', options: ['fast', 'balanced', 'high_quality'], chosen: 'balanced' },
  quality: { label: 'Picture', options: ['low', 'medium', 'high', 'ultra'], chosen: 'high' },
} as const;

const features = [
  ['silence_removal', 'Remove pauses'],
  ['filler_removal', 'Remove fillers'],
  ['audio_enhance', 'Clean the sound'],
  ['loudness', 'Level the loudness'],
  ['captions', 'Captions'],
  ['thumbnails', 'Thumbnails'],
  ['metadata', 'Title and chapters'],
  ['preview', 'Preview'],
  ['interchange', 'Edit lists for an NLE'],
  ['broll', 'Illustrations'],
  ['clips', 'Short clips'],
  ['beat_sync', 'Cut on the beat'],
] as const;
type Feature = (typeof features)[number][0];

export interface RequestForm {
  element: HTMLElement;
  /** Only what differs from the service's own choice, so that its defaults stay its own. */
  request(): Wishes;
}

/** The wishes of a job. A feature is left to the service until somebody decides about it. */
export function createRequestForm(onChange: () => void): RequestForm {
  const picked = Object.fromEntries(Object.keys(choices).map((name) => [name, toSelect(name as keyof typeof choices)]));
  const wished = new Map(features.map(([name, label]) => [name, toFeature(name, label)]));
  const review = h('input', { type: 'checkbox', id: 'review' });
  const file = h('input', { type: 'file', id: 'transcript', accept: '.srt,.vtt' });
  let transcript: Wishes['transcript'];
  file.addEventListener('change', async () => {
    transcript = file.files?.[0] && toTranscript(file.files[0].name, await file.files[0].text());
    onChange();
  });
  const element = h(
    'section',
    { class: 'panel', 'aria-labelledby': 'wishes-title', on: { change: (event) => event.target !== file && onChange() } },
    h('h2', { id: 'wishes-title' }, 'Wishes'),
    h(
      'div',
      { class: 'fields' },
      Object.entries(picked).map(([name, select]) => toField(name as keyof typeof choices, select)),
    ),
    h(
      'fieldset',
      { class: 'features' },
      h('legend', {}, 'Features'),
      [...wished].map(([name, select]) =>
        h(
          'div',
          { class: 'feature' },
          h('label', { for: `feature-${name}` }, features.find(([known]) => known === name)?.[1] ?? name),
          select,
        ),
      ),
    ),
    h('div', { class: 'field' }, h('label', { for: 'transcript' }, 'Transcript (SRT or WebVTT), for captions and fillers'), file),
    h('div', { class: 'check' }, review, h('label', { for: 'review' }, 'Show me the plan before anything is rendered')),
  );
  return {
    element,
    request: () => ({
      ...(Object.fromEntries(Object.entries(picked).map(([name, { value }]) => [name, value])) as Pick<Wishes, keyof typeof choices>),
      ...toFeatures(wished),
      ...(review.checked && { review: true }),
      ...(transcript && { transcript }),
    }),
  };
}

const words: Record<string, string> = { auto: 'Detect', high_quality: 'High quality' };

function toSelect(name: keyof typeof choices): HTMLSelectElement {
  const { options, chosen } = choices[name];
  return h(
    'select',
    { id: name },
    options.map((value) =>
      h('option', { value, selected: value === chosen }, words[value] ?? value.charAt(0).toUpperCase() + value.slice(1)),
    ),
  );
}

const toField = (name: keyof typeof choices, select: HTMLSelectElement): HTMLElement =>
  h('div', { class: 'field' }, h('label', { for: name }, choices[name].label), select);

const toFeature = (name: Feature, label: string): HTMLSelectElement =>
  h(
    'select',
    { id: `feature-${name}`, title: label },
    h('option', { value: '' }, 'Default'),
    h('option', { value: 'on' }, 'On'),
    h('option', { value: 'off' }, 'Off'),
  );

function toFeatures(wished: ReadonlyMap<Feature, HTMLSelectElement>): Pick<Wishes, 'features'> {
  const decided = [...wished].filter(([, { value }]) => value !== '').map(([name, { value }]) => [name, value === 'on']);
  return decided.length === 0 ? {} : { features: Object.fromEntries(decided) };
}

const toTranscript = (name: string, text: string): NonNullable<Wishes['transcript']> =>
  name.toLowerCase().endsWith('.vtt') || text.startsWith('WEBVTT') ? { vtt: text } : { srt: text };
