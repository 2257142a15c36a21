import { noSights } from './ask-sights.ts';
import { findConcepts } from './concepts/find-concepts.ts';
import type { Director } from './director.ts';
import { findKeyPhrases } from './keywords.ts';
import { buildMetadata } from './metadata.ts';
import { rules } from './rules.ts';
import { noTranscript } from './transcript.ts';

const maxKeyPhrases = 15;

/** The offline director: complete, pure, and free of charge. It can neither hear nor see, so it writes no transcript and describes no picture. */
export const rulesDirector: Director = {
  by: 'rules',
  transcribe: async () => noTranscript,
  understand: async ({ transcript: { words } }) => ({
    by: 'rules',
    content_type: null,
    concepts: findConcepts(words),
    peaks: [],
    key_phrases: findKeyPhrases(
      words.map(({ text }) => text),
      maxKeyPhrases,
    ).map(({ text }) => text),
    fillers: [],
    clips: [],
    warnings: [],
  }),
  look: async () => ({ by: 'rules', ...noSights }),
  direct: async (input) => rules(input),
  describe: async (input) => buildMetadata(input),
};
