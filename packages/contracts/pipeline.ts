import type { Artifacts, Noun } from './artifacts.ts';
import type { Settings } from './settings.ts';
import { nothing, ofPlan, only, whatDecides } from './uses.ts';

export const pools = ['prepare', 'ai', 'render', 'deliver'] as const;
export type Pool = (typeof pools)[number];

/** Lists and what to take from them: one node for each item. A list may be empty. */
type FanOut = { [N in Noun]: { over: N; items: (artifact: Artifacts[N]) => readonly unknown[] } }[Noun];

/** What a stage is, without what it does: the engine and the API know stages only through this. */
export interface StageDeclaration {
  pool: Exclude<Pool, 'deliver'>;
  /** Raise when the same inputs would give other bytes. */
  version: number;
  makes: Noun;
  /** Nouns it cannot start without. */
  reads: readonly Noun[];
  /** Nouns it reads when the job makes them, and waits for then. */
  mayRead?: readonly Noun[];
  /** Of a noun that it reads, the part that it is given: that part alone enters the key. */
  takes?: { readonly [N in Noun]?: (artifact: Artifacts[N]) => unknown };
  /** The parts of the settings that its result depends on: they, and only they, enter the key. */
  uses: (settings: Settings) => unknown;
  /** Left out of the graph when false. */
  when?: (settings: Settings) => boolean;
  /** One node per item of this noun's artifact; an item's JSON is the whole identity of its node. */
  fanOut?: FanOut;
  /** Runs before what else waits for its pool: others wait for it, or a person does. */
  early?: boolean;
  /** Held back until a person approves, when the job asks for review. */
  gate?: 'review';
  /** Announced when it is done, before the job is. */
  announces?: 'job.preview_ready';
  /** Expected share of a job's work, any unit; progress is weighted by it. */
  weight: number;
}

/** THE graph: stage → what it reads, makes and costs. Read this first; `apps/worker/stages/index.ts` binds each to its function. */
export const pipeline = {
  fetch: { pool: 'prepare', version: 1, makes: 'asset', reads: [], uses: nothing, weight: 1 },
  ingest: { pool: 'prepare', version: 2, makes: 'facts', reads: ['asset'], uses: nothing, weight: 2 },
  normalize: { pool: 'render', version: 2, makes: 'source', reads: ['asset', 'facts'], uses: nothing, weight: 2 },
  'analyze-audio': { pool: 'prepare', version: 1, makes: 'audio_signals', reads: ['asset', 'facts', 'source'], uses: nothing, weight: 3 },
  'analyze-video': { pool: 'prepare', version: 1, makes: 'video_signals', reads: ['source'], uses: nothing, weight: 5 },
  transcribe: {
    pool: 'ai',
    version: 2,
    makes: 'transcript',
    reads: ['asset', 'facts', 'source', 'audio_signals'],
    uses: ({ transcript, content_type, ai }) => ({ transcript, content_type, ai }),
    weight: 1,
  },
  understand: {
    pool: 'ai',
    version: 2,
    makes: 'insights',
    reads: ['transcript'],
    uses: ({ mode, ai, clips }) => ({ mode, ai, clips: clips !== null }),
    weight: 1,
    when: ({ ai, mode }) => Boolean(ai) && mode !== 'fast', // a job of before has no such setting
  },
  look: {
    pool: 'ai',
    version: 1,
    makes: 'sights',
    reads: ['source', 'video_signals', 'transcript'],
    uses: only('ai'),
    weight: 1,
    when: ({ ai, mode, metadata, thumbnails }) => Boolean(ai) && mode !== 'fast' && (metadata || thumbnails !== null),
  },
  research: {
    pool: 'ai',
    version: 1,
    makes: 'research',
    reads: ['asset', 'transcript'],
    uses: ({ research }) => ({ research }),
    weight: 1,
    when: ({ research, metadata }) => Boolean(research) && metadata, // a job of before has no such setting
  },
  'track-subject': {
    pool: 'prepare',
    version: 1,
    makes: 'subjects',
    reads: ['source'],
    uses: nothing,
    weight: 4,
    when: ({ clips, output }) => clips !== null || output.aspect !== 'source',
  },
  'find-beats': {
    pool: 'prepare',
    version: 1,
    makes: 'beats',
    reads: ['asset', 'facts', 'source'],
    uses: nothing,
    weight: 2,
    when: (settings) => settings.beat_sync,
  },
  direct: {
    pool: 'ai',
    version: 3,
    makes: 'plan',
    reads: ['asset', 'facts', 'source', 'audio_signals', 'video_signals', 'transcript'],
    mayRead: ['insights', 'sights', 'subjects', 'beats'],
    uses: whatDecides,
    weight: 1,
  },
  timeline: {
    pool: 'prepare',
    version: 7,
    makes: 'timeline',
    reads: ['facts', 'source', 'video_signals', 'plan'],
    gate: 'review',
    uses: ({ mode, quality, output, smart_render, limits: { timeout_s, max_memory_mb } }) => ({
      mode,
      quality,
      output,
      smart_render,
      limits: { timeout_s, max_memory_mb },
    }),
    weight: 1,
  },
  'render-audio': {
    pool: 'render',
    version: 3,
    makes: 'audio',
    reads: ['asset', 'facts', 'plan'],
    takes: { plan: ofPlan('keep', 'audio', 'source') },
    gate: 'review',
    early: true,
    uses: nothing,
    weight: 5,
  },
  'preview-piece': {
    pool: 'render',
    version: 2,
    makes: 'preview_piece',
    reads: ['timeline'],
    early: true,
    uses: nothing,
    weight: 5,
    when: (settings) => settings.preview,
    fanOut: { over: 'timeline', items: (timeline) => timeline.previews },
  },
  preview: {
    pool: 'render',
    version: 3,
    makes: 'preview',
    reads: ['timeline', 'preview_piece', 'audio'],
    early: true,
    uses: nothing,
    weight: 1,
    when: (settings) => settings.preview,
    announces: 'job.preview_ready',
  },
  'render-chunk': {
    pool: 'render',
    version: 6,
    makes: 'chunk',
    reads: ['timeline'],
    uses: nothing,
    weight: 60,
    fanOut: { over: 'timeline', items: (timeline) => timeline.chunks },
  },
  assemble: {
    pool: 'render',
    version: 5,
    makes: 'video',
    reads: ['source', 'timeline', 'chunk', 'audio', 'plan'],
    takes: { plan: ofPlan('keep', 'overlays', 'captions', 'reframe') },
    uses: ({ quality }) => ({ quality }),
    weight: 5,
  },
  'cut-clips': {
    pool: 'prepare',
    version: 1,
    makes: 'clip_list',
    reads: ['source', 'plan', 'audio'],
    uses: ({ mode, quality, output, clips }) => ({ mode, quality, output, clips }),
    weight: 1,
    when: (settings) => settings.clips !== null,
  },
  clips: {
    pool: 'render',
    version: 1,
    makes: 'clip',
    reads: ['clip_list'],
    uses: nothing,
    weight: 20,
    when: (settings) => settings.clips !== null,
    fanOut: { over: 'clip_list', items: (list) => list.clips },
  },
  thumbnails: {
    pool: 'prepare',
    version: 4,
    makes: 'thumbnails',
    reads: ['source', 'plan'],
    takes: { plan: ofPlan('thumbnails') },
    gate: 'review',
    uses: ({ mode, ai, broll }) => ({
      mode,
      ai,
      theme: { theme: broll?.theme ?? 'midnight', ...(broll?.accent && { accent: broll.accent }) },
    }),
    weight: 2,
    when: (settings) => settings.thumbnails !== null,
  },
  captions: {
    pool: 'prepare',
    version: 1,
    makes: 'captions',
    reads: ['plan'],
    takes: { plan: ofPlan('captions', 'source') },
    gate: 'review',
    uses: nothing,
    weight: 1,
    when: (settings) => settings.captions !== null,
  },
  metadata: {
    pool: 'ai',
    version: 2,
    makes: 'metadata',
    reads: ['plan', 'video_signals'],
    mayRead: ['research', 'sights'],
    takes: { plan: ofPlan('source', 'keep', 'cuts', 'captions') },
    gate: 'review',
    uses: ({ source_name, mode, ai }) => ({ source_name, mode, ai }),
    weight: 1,
    when: (settings) => settings.metadata,
  },
  interchange: {
    pool: 'prepare',
    version: 1,
    makes: 'interchange',
    reads: ['facts', 'plan'],
    gate: 'review',
    uses: ({ interchange, source_name }) => ({ interchange, source_name }),
    weight: 1,
    when: (settings) => settings.interchange.length > 0,
  },
  finish: {
    pool: 'prepare',
    version: 6,
    makes: 'result',
    reads: ['facts', 'source', 'audio_signals', 'transcript', 'plan', 'timeline', 'audio', 'video'],
    mayRead: ['preview', 'thumbnails', 'captions', 'clip', 'metadata', 'interchange', 'research'],
    uses: only('content_type', 'silence', 'fillers', 'captions', 'broll', 'clips', 'beat_sync'),
    weight: 1,
  },
} as const satisfies Record<string, StageDeclaration>;

export type Pipeline = typeof pipeline;
export type StageName = keyof Pipeline;
