import { digestOf } from '#contracts/digest';
import type { ArtifactAddress, Artifacts } from './commit.ts';
import { createGraphs, type Graph, type StageNode, type StageSpec } from './graph.ts';
import { type Done, type DoneStages, keyOf, mustBeDone } from './next.ts';
import type { Records } from './records.ts';
import type { RunRef } from './state.ts';
import type { Manifest, Run } from './types.ts';

/** One run of one job, with its graph: what every step of the engine works on. */
export interface RunContext {
  manifest: Manifest;
  run: Run;
  graph: Graph;
  ref: RunRef;
}

// biome-ignore lint/suspicious/noExplicitAny: a pipeline is declared over its own settings type, which only its own `uses` read
export type Pipeline = Record<string, StageSpec<any>>;

export type Contexts = ReturnType<typeof createContexts>;

export function createContexts(pipeline: Pipeline, records: Records, artifacts: Artifacts) {
  const build = createGraphs(pipeline);
  const graphs = new WeakMap<Manifest, Graph>();

  function graphOf(manifest: Manifest): Graph {
    const known = graphs.get(manifest) ?? build(manifest.settings);
    graphs.set(manifest, known);
    return known;
  }

  /** The address of a node's artifact in this run. */
  async function addressOf(context: RunContext, stage: StageNode, done: DoneStages, item?: unknown): Promise<ArtifactAddress> {
    const { manifest, run } = context;
    const given = run.given[stage.name];
    const salt = [stage.needs.length === 0 ? rootOf(manifest) : null, run.salts[stage.name] ?? null];
    const key = given?.key ?? keyOf(stage, { tenant: manifest.tenant, done, parts: await partDigests(context, stage, done), item, salt });
    return { tenant: manifest.tenant, stage: stage.name, makes: stage.makes, key };
  }

  async function partDigests(context: RunContext, stage: StageNode, done: DoneStages): Promise<Record<string, string>> {
    const digest = async (noun: string) => [noun, digestOf(await inputOf(context, stage, { noun, done }))] as const;
    return Object.fromEntries(await Promise.all(Object.keys(stage.takes).map(digest)));
  }

  /** What a stage is given under a noun: the artifact, or the part of it that the stage takes. */
  async function inputOf(context: RunContext, stage: StageNode, { noun, done }: { noun: string; done: DoneStages }): Promise<unknown> {
    const artifact = await artifactNamed(context, noun, done);
    const take = stage.takes[noun];
    return take ? take(artifact) : artifact;
  }

  async function artifactOf(context: RunContext, stage: StageNode, done: DoneStages): Promise<unknown> {
    if (stage.fanOut) return itemArtifacts(context, stage, done);
    const { key } = mustBeDone(done, stage.name) as Done & { key: string };
    const record = await artifacts.find({ tenant: context.manifest.tenant, stage: stage.name, makes: stage.makes, key });
    if (!record) throw new Error(`the artifact of ${stage.name} is gone`);
    return record.value;
  }

  /** The artifact filed under a noun. */
  async function artifactNamed(context: RunContext, noun: string, done: DoneStages): Promise<unknown> {
    const maker = [...context.graph.values()].find(({ makes }) => makes === noun);
    return artifactOf(context, maker ?? raise(`nobody makes ${noun}`), done);
  }

  async function itemArtifacts(context: RunContext, stage: StageNode, done: DoneStages): Promise<unknown[]> {
    const items = await itemsOf(context, stage, done);
    const records = await Promise.all(items.map(async (item) => artifacts.find(await addressOf(context, stage, done, item))));
    return records.map((record, index) => record?.value ?? raise(`item ${index} of ${stage.name} is gone`));
  }

  async function itemsOf(context: RunContext, stage: StageNode, done: DoneStages): Promise<readonly unknown[]> {
    if (!stage.fanOut) return [];
    const over = context.graph.get(stage.fanOut.over) as StageNode;
    return stage.fanOut.items(await artifactOf(context, over, done));
  }

  return {
    addressOf,
    artifactNamed,
    artifactOf,
    inputOf,
    itemsOf,

    async open(tenant: string, id: string, number: number): Promise<RunContext | null> {
      const manifest = await records.manifest(tenant, id);
      const run = manifest && (await records.run(manifest, number));
      return manifest && run ? { manifest, run, graph: graphOf(manifest), ref: { id, run: number } } : null;
    },

    of: (manifest: Manifest, run: Run): RunContext => ({
      manifest,
      run,
      graph: graphOf(manifest),
      ref: { id: manifest.id, run: run.number },
    }),
  };
}

/** What the first stage's key is made of: the bytes by their hash, or one fetch per job of an address. */
const rootOf = (manifest: Manifest): unknown =>
  'url' in manifest.input ? { url: manifest.input.url, job: manifest.id } : { sha256: manifest.input.sha256 };

function raise(message: string): never {
  throw new Error(message);
}
