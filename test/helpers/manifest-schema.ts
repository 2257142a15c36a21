import { join } from 'node:path';
import ts from 'typescript';
import type { Manifest } from './manifests.ts';
import { root } from './tools.ts';

interface Model {
  validate(): void;
}

/** Breaches of the Kubernetes and KEDA schemas: missing fields, wrong types. Unknown fields pass, see `findUnknownFields`. */
export async function findSchemaErrors(manifests: Manifest[]): Promise<string[]> {
  const errors = await Promise.all(manifests.map(schemaError));
  return errors.flat();
}

/**
 * Fields that Kubernetes would drop or refuse: each document becomes an object literal of its model's interface,
 * and TypeScript's check for excess properties names the misspelt ones.
 */
export function findUnknownFields(manifests: Manifest[]): string[] {
  const fileName = join(root, 'test', 'manifests.virtual.ts');
  const text = manifests
    .map((manifest, index) => `export const d${index}: ${typeOf(manifest)} = ${JSON.stringify(asModelled(manifest))};`)
    .join('\n');
  const options = { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, types: [], noEmit: true };
  const host = ts.createCompilerHost({ ...options, strict: true, skipLibCheck: true });
  const { getSourceFile, fileExists } = host;
  host.fileExists = (path) => path === fileName || fileExists(path);
  host.getSourceFile = (path, ...rest) =>
    path === fileName ? ts.createSourceFile(path, text, ts.ScriptTarget.ES2023) : getSourceFile(path, ...rest);
  const program = ts.createProgram([fileName], { ...options, strict: true, skipLibCheck: true }, host);
  return program.getSemanticDiagnostics(program.getSourceFile(fileName)).map(({ messageText, start = 0 }) => {
    const { line } = ts.getLineAndCharacterOfPosition(program.getSourceFile(fileName)!, start);
    return `${nameOf(manifests[line]!)}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
}

async function schemaError(manifest: Manifest): Promise<string[]> {
  const models = (await import(moduleOf(manifest))) as Record<string, new (data: Manifest) => Model>;
  const Model = models[manifest.kind];
  if (!Model) return [`${nameOf(manifest)}: unknown kind`];
  try {
    new Model(manifest).validate();
    return [];
  } catch (error) {
    return [`${nameOf(manifest)}: ${error}`];
  }
}

function moduleOf({ apiVersion, kind }: Manifest): string {
  const family = apiVersion.startsWith('keda.sh/') ? '@kubernetes-models/keda' : 'kubernetes-models';
  return `${family}/${apiVersion}/${kind}`;
}

/** `fallback.behavior` stands in the reference of KEDA 2.18; the model, made from an older definition, does not list it. */
function asModelled(manifest: Manifest): Manifest {
  const fallback = manifest.kind === 'ScaledObject' ? (manifest.spec?.['fallback'] as Record<string, unknown> | undefined) : undefined;
  if (!fallback) return manifest;
  const { behavior: _newer, ...modelled } = fallback;
  return { ...manifest, spec: { ...manifest.spec, fallback: modelled } };
}

const typeOf = (manifest: Manifest) => `import('${moduleOf(manifest)}').I${manifest.kind}`;

const nameOf = ({ kind, metadata }: Manifest) => `${kind}/${metadata.name}`;
