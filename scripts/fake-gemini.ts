import { startFakeGemini } from '../test/helpers/fake-gemini.ts';

/** `npx tsx --conditions=source scripts/fake-gemini.ts [PORT]`: a model to try the service with, without a key and without money. */
const fake = await startFakeGemini({ port: Number(process.argv[2] ?? 0) });
process.stdout.write(`GEMINI_API_KEY=none GEMINI_BASE_URL=${fake.url}\n`);
