import { z } from 'zod';

const text = z.string().optional().catch(undefined);
const count = z.coerce.number().int().nonnegative().optional().catch(undefined);
const seconds = z.coerce.number().optional().catch(undefined);

const sideDataSchema = z.object({ side_data_type: text, displaymatrix: text, rotation: z.number().optional().catch(undefined) });

/** One stream as ffprobe tells it: every field may be missing or nonsense in a broken file, and then is undefined. */
export const probedStreamSchema = z.object({
  index: z.number().int(),
  codec_type: text,
  codec_name: text,
  profile: text,
  pix_fmt: text,
  width: count,
  height: count,
  has_b_frames: count,
  sample_aspect_ratio: text,
  r_frame_rate: text,
  avg_frame_rate: text,
  time_base: text,
  start_time: seconds,
  duration: seconds,
  nb_frames: count,
  field_order: text,
  color_range: text,
  color_space: text,
  color_transfer: text,
  color_primaries: text,
  bits_per_raw_sample: count,
  sample_rate: count,
  channels: count,
  disposition: z.record(z.string(), z.number()).optional().catch(undefined),
  tags: z.object({ rotate: seconds }).optional().catch(undefined),
  side_data_list: z.array(sideDataSchema).optional().catch(undefined),
});

export const probedFileSchema = z.object({
  streams: z.array(probedStreamSchema).default([]),
  format: z.object({ format_name: z.string(), start_time: seconds, duration: seconds }),
});

export type ProbedStream = z.infer<typeof probedStreamSchema>;
export type ProbedFile = z.infer<typeof probedFileSchema>;

/** Exactly the fields of the schema: titles and comments of a hostile file may be of any length and are never asked for. */
export const probeEntries = [
  `stream=${Object.keys(probedStreamSchema.shape)
    .filter((key) => !['disposition', 'tags', 'side_data_list'].includes(key))
    .join(',')}`,
  'stream_tags=rotate',
  'stream_disposition=default,attached_pic,timed_thumbnails',
  'stream_side_data=side_data_type,displaymatrix,rotation',
  'format=format_name,start_time,duration',
].join(':');
