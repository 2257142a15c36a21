import type { Ask } from './ask.ts';
import { askHeadlines } from './ask-headlines.ts';
import { askInsights } from './ask-insights.ts';
import { askMarks } from './ask-marks.ts';
import { askMetadata } from './ask-metadata.ts';
import { askSights } from './ask-sights.ts';
import { askTranscript } from './ask-transcript.ts';
import type { Director } from './director.ts';
import { rules } from './rules.ts';

/**
 * The director that asks a model what the words mean. Geometry stays with the rules: a model names words, never frames,
 * so whatever it answers, the plan is one that the rules could have made. How much it asks is the mode's matter.
 */
export function createGeminiDirector({ model, ask }: { model: string; ask: Ask }): Director {
  const by = `gemini:${model}`;
  return {
    by,
    transcribe: (sound, signal) => askTranscript(sound, ask, signal),
    understand: async (input, signal) => ({ by, ...(await askInsights(input, ask, signal)) }),
    look: async (input, signal) => ({ by, ...(await askSights(input, ask, signal)) }),
    async direct(input, signal) {
      const { settings, transcript, insights, sights } = input;
      const looksCloser = settings.mode === 'high_quality' && settings.fillers !== null;
      const closer = looksCloser ? await askMarks(transcript, ask, signal) : null;
      const fillers = [...(insights?.fillers ?? []), ...(closer?.fillers ?? [])];
      const plan = rules(input, { fillers, retakes: closer?.retakes ?? [] });
      if (settings.mode !== 'high_quality') return insights ? { ...plan, by } : plan;
      return { ...plan, by, thumbnails: await askHeadlines(plan, { words: transcript.words, seen: sights?.seen ?? [] }, { ask, signal }) };
    },
    describe: async (input, signal) => ({ ...(await askMetadata(input, ask, signal)), by }),
  };
}
