import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OutputFile } from '#contracts/artifacts';
import type { InterchangeFormat } from '#contracts/request';
import type { InterchangeEdit } from '#media/interchange/edit';
import { buildEdls } from '#media/interchange/edl';
import { buildFcpxml } from '#media/interchange/fcpxml';
import { buildOtio } from '#media/interchange/otio';
import type { Stage } from '../stage.ts';

interface Format {
  contentType: string;
  build(edit: InterchangeEdit): { name: string; text: string }[];
}

const formats: Record<InterchangeFormat, Format> = {
  otio: { contentType: 'application/json', build: (edit) => [{ name: 'edit.otio', text: buildOtio(edit) }] },
  fcpxml: { contentType: 'application/xml', build: (edit) => [{ name: 'edit.fcpxml', text: buildFcpxml(edit) }] },
  edl: {
    contentType: 'text/plain',
    build: (edit) => buildEdls(edit).map((text, index) => ({ name: index === 0 ? 'edit.edl' : `edit-${index + 1}.edl`, text })),
  },
};

/** The edit as editing programs read it. */
export const runInterchange: Stage<'interchange'> = async ({ settings, facts, plan }, { scratch, store }) => {
  const edit: InterchangeEdit = { plan, audio: facts.audio, name: settings.source_name };
  const outputs = settings.interchange.flatMap((format) =>
    formats[format].build(edit).map(async ({ name, text }): Promise<OutputFile> => {
      await writeFile(join(scratch, name), text);
      return { name, kind: 'interchange', blob: await store(join(scratch, name), formats[format].contentType) };
    }),
  );
  return { outputs: await Promise.all(outputs), warnings: [] };
};
