/** What the engine knows of a stage. `contracts/pipeline.ts` has the real ones; tests generate others. */
export interface StageSpec<Settings> {
  pool: string;
  version: number;
  makes: string;
  reads: readonly string[];
  mayRead?: readonly string[];
  uses(settings: Settings): unknown;
  when?(settings: Settings): boolean;
  fanOut?: { over: string; items(artifact: never): readonly unknown[] };
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
  /** Stages that make them. */
  needs: readonly string[];
  /** Stages that wait for it. */
  feeds: readonly string[];
  /** The parts of the settings that its result depends on. */
  uses: unknown;
  /** Stage whose artifact lists the items, when one node per item runs. */
  fanOut: { over: string; items(artifact: unknown): readonly unknown[] } | null;
  gate: 'review' | null;
  announces: string | null;
  weight: number;
}

/** Stages of one job by name, in an order in which every stage stands after what it needs. */
export type Graph = ReadonlyMap<string, StageNode>;

/**
 * Pure: declarations + settings → the job's graph. Wrong wiring (a noun nobody or two stages make, a cycle, a fan-out
 * over something unread) throws, so that it dies at start-up and never at the first job.
 */
export function buildGraph<Settings>(pipeline: Record<string, StageSpec<Settings>>, settings: Settings): Graph {
  const present = Object.entries(pipeline).filter(([, spec]) => spec.when?.(settings) ?? true);
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
      needs: reads.map((noun) => maker(name, noun)),
      uses: spec.uses(settings) ?? null,
      fanOut: fanOutOf(name, spec, (noun) => maker(name, noun)),
      gate: spec.gate ?? null,
      announces: spec.announces ?? null,
      weight: spec.weight,
    };
  });
  const feeds = (name: string) => nodes.filter((node) => node.needs.includes(name)).map((node) => node.name);
  return inOrder(nodes.map((node) => ({ ...node, feeds: feeds(node.name) })));
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

function fanOutOf<Settings>(name: string, spec: StageSpec<Settings>, maker: (noun: string) => string): StageNode['fanOut'] {
  if (!spec.fanOut) return null;
  if (!spec.reads.includes(spec.fanOut.over)) wiringFault(`stage ${name} fans out over ${spec.fanOut.over} without reading it`);
  return { over: maker(spec.fanOut.over), items: spec.fanOut.items as (artifact: unknown) => readonly unknown[] };
}

function inOrder(nodes: StageNode[]): Graph {
  const ordered = new Map<string, StageNode>();
  while (ordered.size < nodes.length) {
    const free = nodes.filter((node) => !ordered.has(node.name) && node.needs.every((need) => ordered.has(need)));
    if (free.length === 0) wiringFault(`a cycle among ${nodes.filter(({ name }) => !ordered.has(name)).map(({ name }) => name)}`);
    for (const node of free) ordered.set(node.name, node);
  }
  return ordered;
}

function wiringFault(what: string): never {
  throw new Error(`wrong wiring: ${what}`);
}
