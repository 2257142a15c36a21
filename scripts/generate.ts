/** Writes the files that are made of code: `npm run generate`. Tests fail when one of them is out of date. */
import { writeFileSync } from 'node:fs';
import { generatedFiles } from './generated-files.ts';

for (const [path, text] of Object.entries(generatedFiles())) writeFileSync(path, text);
