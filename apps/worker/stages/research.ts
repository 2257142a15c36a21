import { findKeyPhrases } from '#director/keywords';
import type { Stage } from '../stage.ts';

const maxPhrases = 40;

/** What is looked for around what is said, and what is there already. */
export const runResearch: Stage<'research'> = ({ asset, transcript }, tools) => {
  const texts = transcript.words.map(({ text }) => text);
  return tools.research({ phrases: findKeyPhrases(texts, maxPhrases), footage: asset.blob.sha256 });
};
