/** What the engine knows of a stage. `contracts/pipeline.ts` has the real ones; tests generate others. */
export interface StageSpec<Settings> {
  pool: string;
  version: number;
  makes: string;
  reads: readonly string[];
  mayRead?: readonly string[];
  takes?: Readonly<Record<string, (artifact: never) => unknown>>;
  uses(settings: Settings): unknown;
  when?(settings: Settings): boolean;
  fanOut?: { over: string; items(artifact: never): readonly unknown[] };
  early?: boolean;
  gate?: 'review';
  announces?: string;
  weight: number;
}

export interface StageNode {
  name: string;
  pool: string;
  version: number;
  makes: string;
  /** Nouns it reads in this job, in declared order: they enter its key. */
  reads: readonly string[];
  /** Of some of them, the part that it is given. */
  takes: Readonly<Record<string, (artifact: unknown) => unknown>>;
  /** Stages that make them. */
  needs: readonly string[];
  /** Stages that wait for it. */
  feeds: readonly string[];
  /** The parts of the settings that its result depends on. */
  uses: unknown;
  /** Stage whose artifact lists the items, when one node per item runs. */
  fanOut: { over: string; items(artifact: unknown): readonly unknown[] } | null;
  early: boolean;
  gate: 'review' | null;
  announces: string | null;
  weight: number;
}

/** Stages of one job by name, in an order in which every stage stands after what it needs. */
export type Graph = ReadonlyMap<string, StageNode>;

type Pipeline<Settings> = Record<string, StageSpec<Settings>>;

/** Pure: declarations + settings → the job's graph. Throws as `createGraphs` does. */
export const buildGraph = <Settings>(pipeline: Pipeline<Settings>, settings: Settings): Graph => createGraphs(pipeline)(settings);

/**
 * The graphs of a pipeline's jobs. Which stages there are decides how they are wired, and few choices of them occur, so
 * each is wired once; what a stage uses of the settings is looked up for each job. Wrong wiring (a noun nobody or two stages make, a cycle, a fan-out
 * over something unread) throws, so that it dies at start-up and never at the first job.
 */
export function createGraphs<Settings>(pipeline: Pipeline<Settings>): (settings: Settings) => Graph {
  const stages = Object.entries(pipeline);
  const wired = new Map<string, WiredStage<Settings>[]>();
  return (settings) => {
    const present = stages.filter(([, spec]) => spec.when?.(settings) ?? true);
    const shape = present.map(([name]) => name).join();
    const nodes = wired.get(shape) ?? wire(present);
    if (wired.size < maxWired) wired.set(shape, nodes);
    return new Map(nodes.map(({ node, uses }) => [node.name, withUses(node, uses(settings) ?? null)]));
  };
}

/** Most stages use nothing of the settings: all jobs share those. */
const withUses = (node: StageNode, uses: unknown): StageNode => (uses === null ? node : { ...node, uses });

/** Each switch of the request doubles the choices, but hardly anybody uses them all. */
const maxWired = 256;

interface WiredStage<Settings> {
  /** As if it used nothing. */
  node: StageNode;
  uses: (settings: Settings) => unknown;
}

function wire<Settings>(present: [string, StageSpec<Settings>][]): WiredStage<Settings>[] {
  const makers = makersOf(present);
  const maker = (stage: string, noun: string): string =>
    makers.get(noun) ?? wiringFault(`stage ${stage} reads ${noun}, which no stage of this job makes`);
  const nodes = present.map(([name, spec]): Omit<StageNode, 'feeds'> => {
    const reads = [...spec.reads, ...(spec.mayRead ?? []).filter((noun) => makers.has(noun))];
    return {
      name,
      pool: spec.pool,
      version: spec.version,
      makes: spec.makes,
      reads,
      takes: takenBy(name, spec),
      needs: reads.map((noun) => maker(name, noun)),
      uses: null,
      fanOut: fanOutOf(name, spec, (noun) => maker(name, noun)),
      early: spec.early ?? false,
      gate: spec.gate ?? null,
      announces: spec.announces ?? null,
      weight: spec.weight,
    };
  });
  const feeds = (name: string) => nodes.filter((node) => node.needs.includes(name)).map((node) => node.name);
  const specs = new Map(present);
  return inOrder(nodes.map((node) => ({ ...node, feeds: feeds(node.name) }))).map((node) => ({
    node,
    uses: (settings) => specs.get(node.name)?.uses(settings),
  }));
}

export const totalWeight = (graph: Graph): number => [...graph.values()].reduce((sum, { weight }) => sum + weight, 0);

function makersOf<Settings>(present: [string, StageSpec<Settings>][]): Map<string, string> {
  const makers = new Map<string, string>();
  for (const [name, { makes }] of present) {
    if (makers.has(makes)) wiringFault(`${makes} is made by ${makers.get(makes)} and by ${name}`);
    makers.set(makes, name);
  }
  return makers;
}

function takenBy<Settings>(name: string, spec: StageSpec<Settings>): StageNode['takes'] {
  const unread = Object.keys(spec.takes ?? {}).find((noun) => spec.fanOut || !spec.reads.includes(noun));
  if (unread) wiringFault(`stage ${name} takes a part of ${unread} without reading it`);
  return (spec.takes ?? {}) as StageNode['takes'];
}

function fanOutOf<Settings>(name: string, spec: StageSpec<Settings>, maker: (noun: string) => string): StageNode['fanOut'] {
  if (!spec.fanOut) return null;
  if (!spec.reads.includes(spec.fanOut.over)) wiringFault(`stage ${name} fans out over ${spec.fanOut.over} without reading it`);
  return { over: maker(spec.fanOut.over), items: spec.fanOut.items as (artifact: unknown) => readonly unknown[] };
}

function inOrder(nodes: StageNode[]): StageNode[] {
  const ordered = new Map<string, StageNode>();
  while (ordered.size < nodes.length) {
    const free = nodes.filter((node) => !ordered.has(node.name) && node.needs.every((need) => ordered.has(need)));
    if (free.length === 0) wiringFault(`a cycle among ${nodes.filter(({ name }) => !ordered.has(name)).map(({ name }) => name)}`);
    for (const node of free) ordered.set(node.name, node);
  }
  return [...ordered.values()];
}

function wiringFault(what: string): never {
  throw new Error(`wrong wiring: ${what}`);
}
