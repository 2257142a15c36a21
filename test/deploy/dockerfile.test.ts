import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../helpers/programs.ts';
import { root } from '../helpers/tools.ts';

const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8');
const ignored = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n');
const lastStage = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));
const lint = (name: string, args: string[]) => runProgram(join(root, 'node_modules/.bin', name), args);

describe('the Dockerfile', () => {
  it('is well-formed and follows the rules of both linters', async () => {
    const [syntax, habits] = await Promise.all([lint('dockerfile-utils', ['lint', 'Dockerfile']), lint('dockerfilelint', ['Dockerfile'])]);
    expect(syntax).toMatchObject({ status: 0, stdout: '' });
    expect(habits.stdout).toContain('Issues: None found');
    expect(habits.status).toBe(0);
  });

  it('would fail the linters if an instruction were misspelt', async () => {
    const { status } = await lint('dockerfilelint', ['FROM node:24\nRUNN npm ci\n']);
    expect(status).toBeGreaterThan(0);
  });

  it('copies only files that exist and that .dockerignore lets through', () => {
    const sources = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, list]) => list!.split(' '));
    expect(sources.length).toBeGreaterThan(5);
    for (const source of sources) {
      expect(existsSync(join(root, source)), source).toBe(true);
      expect(ignored, source).toContain(`!${source}`);
    }
  });

  it('ships what runs and nothing that builds: no dev dependencies, no sources, no root', () => {
    expect(dockerfile).toContain('npm ci --omit=dev --ignore-scripts');
    expect(lastStage).not.toMatch(/npm ci|COPY (packages|apps)/);
    expect(lastStage).toMatch(/^USER 1000:1000$/m);
    for (const tool of ['ffmpeg', 'fonts-dejavu-core', 'tini', 'util-linux']) expect(lastStage).toContain(tool);
  });

  it('starts programs that the build makes', () => {
    const [, program] = /CMD \["node", "dist\/(.+)\.js"\]\s*$/.exec(lastStage) ?? [];
    expect(existsSync(join(root, `${program}.ts`)), program).toBe(true);
  });
});
