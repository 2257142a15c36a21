import type { Artifacts } from '#contracts/artifacts';
import type { Warning } from '#contracts/footage';
import type { Timeline } from '#contracts/render-specs';

type Fallback = Artifacts['video']['fallbacks'][number];

/** Gates that a caller closed, of which nobody needs to be told. */
const chosen = ['not_asked', 'hardware_encoder'];

/** By piece: why nothing of it was copied, whether that was planned or found out. */
export function toUncopied({ gates }: Pick<Timeline, 'gates'>, chunks: readonly Pick<Artifacts['chunk'], 'uncopied'>[]): Fallback[] {
  return chunks.flatMap(({ uncopied }, chunk) => {
    const reason = uncopied ?? gates[chunk] ?? null;
    return reason === null || chosen.includes(reason) ? [] : [{ chunk, reason }];
  });
}

/** What a caller should know who asked for copies of which there are none. */
export function toGateWarnings(gates: readonly (string | null)[]): Warning[] {
  if (gates.some((gate) => gate === null)) return [];
  const reasons = [...new Set(gates)].join(', ');
  return [{ code: 'SMART_RENDER_UNAVAILABLE', stage: 'timeline', message: `Every frame is encoded, none is copied: ${reasons}.` }];
}

/** Copies that were planned and did not come out as planned. */
export function toUncopiedWarnings(chunks: readonly Pick<Artifacts['chunk'], 'uncopied'>[]): Warning[] {
  const reasons = chunks.flatMap(({ uncopied }) => uncopied ?? []);
  if (reasons.length === 0) return [];
  const message = `${reasons.length} of ${chunks.length} pieces were encoded instead of copied: ${[...new Set(reasons)].join(', ')}.`;
  return [{ code: 'SMART_RENDER_FELL_BACK', stage: 'render-chunk', message }];
}
