import type { VideoFacts } from '#contracts/footage';
import type { ChunkSpec } from '#contracts/render-specs';
import type { DrawnCard } from '../cards/draw-cards.ts';
import type { MediaInput } from '../command.ts';
import { pixelFormatOf } from './match.ts';

/** Raw pictures of a card as an input. */
export function toCardInput({ path, width, height }: DrawnCard, fps: string): MediaInput {
  return { path, format: 'rawvideo', options: ['-pixel_format', 'rgba', '-video_size', `${width}x${height}`, '-framerate', fps] };
}

/**
 * Lays cards over the pictures labelled `base`, giving those labelled `covered`. Both sides count frames on one time base,
 * and a picture stays until the next one's time, so every card comes and goes on its frame.
 */
export function buildOverlayGraph(
  cards: readonly DrawnCard[],
  spec: Pick<ChunkSpec, 'video' | 'encoder' | 'overlays' | 'picture' | 'smart'>,
): string[] {
  const [num, den] = spec.video.fps.split('/');
  const deep = pixelFormatOf(spec).includes('10');
  return cards.flatMap((card, index) => {
    const { color_space } = spec.overlays![index]!;
    const matrix = toMatrix(color_space, spec.picture.height);
    const below = index === 0 ? 'base' : `covered${index}`;
    const above = index === cards.length - 1 ? 'covered' : `covered${index + 1}`;
    return [
      `[${index + 1}:v:0]settb=${den}/${num},setpts='${buildTimes(card.frames)}',scale=out_color_matrix=${matrix}:out_range=limited,format=${deep ? 'yuva420p10le' : 'yuva420p'},setparams=colorspace=${toTag(color_space)}[card${index}]`,
      `[${below}][card${index}]overlay=x=${card.x}:y=${card.y}:format=${deep ? 'yuv420p10' : 'yuv420'}:eof_action=repeat[${above}]`,
    ];
  });
}

/** Picture number → frame number: a card stands still once or twice, otherwise its pictures follow each other. */
function buildTimes(frames: readonly number[]): string {
  const jumps = frames.flatMap((frame, index) => {
    const step = index === 0 ? 1 : frame - frames[index - 1]!;
    return step === 1 ? [] : [`+gte(N,${index})*${step - 1}`];
  });
  return `N+${frames[0] ?? 0}${jumps.join('')}`;
}

const matrices: Record<string, string> = { bt709: 'bt709', smpte170m: 'bt601', bt470bg: 'bt601', bt2020nc: 'bt2020' };

/** Players take untagged HD for BT.709 and smaller pictures for BT.601. */
const toMatrix = (space: string, height: number) => matrices[space] ?? (height >= 720 ? 'bt709' : 'bt601');
/** Equal tags on both sides, or newer ffmpeg converts one of them. */
const toTag = (space: string) => (space in matrices ? space : 'unknown');

/** Colour space of the pictures that cards are laid over. */
export const colourOf = ({ color, hdr }: Pick<VideoFacts, 'color' | 'hdr'>, toneMapped: boolean): string =>
  hdr && toneMapped ? 'bt709' : color.space;
