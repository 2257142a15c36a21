import type { ThemeChoice } from './overlays.ts';
import type { ThumbnailLayout } from './plan.ts';
import type { CaptionFormat, InterchangeFormat, JobRequest, Mode, Quality } from './request.ts';

/**
 * A request with every default filled in. Stages read parts of this value, never the request itself, so that
 * "left out" and "asked for the default" give the same artifact keys.
 */
export interface Settings {
  content_type: 'educational' | 'music' | 'general' | 'auto';
  mode: Mode;
  quality: Quality;
  silence: { min_silence_ms: number; pad_ms: number; max_pause_ms: number } | null;
  fillers: { language: 'en' } | null;
  enhance: boolean;
  loudness: { target_lufs: number } | null;
  captions: { burn: boolean; formats: CaptionFormat[] } | null;
  broll: ThemeChoice | null;
  beat_sync: boolean;
  thumbnails: { count: number } | null;
  /** What worked for this tenant, settled when the job is accepted; null = nobody has told. */
  templates: TemplateRanking | null;
  metadata: boolean;
  clips: { count: number | 'auto'; aspect: '9:16' | '1:1' | '4:5' | '16:9' } | null;
  preview: boolean;
  interchange: InterchangeFormat[];
  smart_render: 'auto' | boolean;
  output: {
    aspect: 'source' | '16:9' | '9:16' | '1:1' | '4:5';
    max_height: number | null;
    codec: 'h264' | 'hevc' | 'av1' | 'vp9';
    container: 'mp4';
    hardware: 'auto' | 'off' | 'required';
    /** Left out: HDR stays HDR where it can. */
    dynamic_range?: 'sdr';
  };
  /** `budget_usd` null = by the length of the footage. */
  limits: { timeout_s: number; max_memory_mb: number; budget_usd: number | null };
  on_ai_unavailable: 'fallback' | 'wait' | 'fail';
  review: boolean;
  transcript: JobRequest['transcript'] | null;
  /** The models that decide, settled when the job is accepted; null = the offline rules. */
  ai: AiChoice | null;
  /** Who is asked what people look for, settled when the job is accepted: `corpus`, or the name of a service; null = nobody. */
  research: string | null;
  /** What the user calls the footage: a default title, never a path. */
  source_name: string;
}

/** Layouts of thumbnails by type of content, the best first. */
export type TemplateRanking = { [Type in Exclude<Settings['content_type'], 'auto'>]?: ThumbnailLayout[] };

export interface AiChoice {
  model: string;
  image_model: string;
}

/** What a profile may set; explicit fields of the request win over it. */
export type ProfileFields = Pick<JobRequest, 'mode' | 'quality' | 'features' | 'output' | 'limits' | 'priority'>;

export const builtInProfiles = {
  speed_optimized: { mode: 'fast', quality: 'medium', features: { preview: false }, priority: 'normal' },
  quality_optimized: { mode: 'high_quality', quality: 'ultra', priority: 'normal' },
  resource_constrained: { mode: 'fast', quality: 'low', features: { preview: false }, limits: { max_memory_mb: 2048 }, priority: 'normal' },
  batch_processing: { mode: 'balanced', quality: 'high', features: { preview: false }, priority: 'low' },
} as const satisfies Record<string, ProfileFields>;

/** Pure: request + profile → settings. Music keeps its pauses and its loudness range unless asked otherwise. */
export function resolveSettings(request: JobRequest, sourceName: string, profile: ProfileFields = {}): Settings {
  const features = { ...profile.features, ...request.features };
  const output = { ...profile.output, ...request.output };
  const limits = { ...profile.limits, ...request.limits };
  const speech = request.content_type !== 'music';
  return {
    content_type: request.content_type ?? 'auto',
    mode: request.mode ?? profile.mode ?? 'balanced',
    quality: request.quality ?? profile.quality ?? 'high',
    silence: withOptions(features.silence_removal, speech, { min_silence_ms: 350, pad_ms: 80, max_pause_ms: 0 }),
    fillers: withOptions(features.filler_removal, speech, { language: 'en' as const }),
    enhance: features.audio_enhance ?? speech,
    loudness: withOptions(features.loudness, true, { target_lufs: -14 }),
    captions: withOptions(features.captions, speech, { burn: false, formats: ['srt', 'vtt'] as CaptionFormat[] }),
    broll: withOptions<ThemeChoice>(features.broll, request.content_type === 'educational', { theme: 'midnight' }),
    beat_sync: features.beat_sync ?? false,
    thumbnails: withOptions(features.thumbnails, true, { count: 3 }),
    templates: null,
    metadata: features.metadata ?? true,
    clips: withOptions(features.clips, false, { count: 'auto' as const, aspect: '9:16' as const }),
    preview: features.preview ?? true,
    interchange: interchangeOf(features.interchange),
    smart_render: features.smart_render ?? 'auto',
    output: {
      aspect: output.aspect ?? 'source',
      max_height: output.max_height ?? null,
      codec: output.codec ?? 'h264',
      container: output.container ?? 'mp4',
      hardware: output.hardware ?? 'auto',
      ...(output.dynamic_range === 'sdr' && { dynamic_range: output.dynamic_range }),
    },
    limits: { timeout_s: limits.timeout_s ?? 3600, max_memory_mb: limits.max_memory_mb ?? 8192, budget_usd: limits.budget_usd ?? null },
    on_ai_unavailable: request.on_ai_unavailable ?? 'fallback',
    review: request.review ?? false,
    transcript: request.transcript ?? null,
    ai: null,
    research: null,
    source_name: sourceName,
  };
}

function withOptions<T extends object>(
  wish: boolean | { [K in keyof T]?: unknown } | undefined,
  byDefault: boolean,
  defaults: T,
): T | null {
  if (wish === false || (wish === undefined && !byDefault)) return null;
  if (wish === undefined || wish === true) return defaults;
  return { ...defaults, ...(Object.fromEntries(Object.entries(wish).filter(([, value]) => value !== undefined)) as Partial<T>) };
}

function interchangeOf(wish: boolean | InterchangeFormat[] | undefined): InterchangeFormat[] {
  if (wish === undefined || wish === true) return ['otio', 'fcpxml', 'edl'];
  return wish === false ? [] : wish;
}
