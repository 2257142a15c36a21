/**
 * Holds package-lock.json to its promises; needs nothing installed.
 *
 *   node scripts/check-lock.mjs              every optional platform package that an entry names is in the lock: a registry
 *                                            may serve a release before its platform packages, and `npm ci` then dies elsewhere
 *   node scripts/check-lock.mjs --installed  exit 0 when node_modules already is what the lock says
 */
import { readFileSync } from 'node:fs';
import { argv, exit, stderr, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';

const root = new URL('../', import.meta.url);

/** Names of optional packages that some entry of the lock wants and the lock does not have. */
export function missingOptionalPackages(lock) {
  const paths = Object.keys(lock.packages);
  const wanted = Object.entries(lock.packages).flatMap(([path, entry]) =>
    Object.keys(entry.optionalDependencies ?? {}).map((name) => ({ name, by: path })),
  );
  return wanted.filter(({ name }) => !paths.some((path) => path.endsWith(`node_modules/${name}`)));
}

/** Does npm's own record of the last install hold every package of the lock that this platform can use? */
export function isInstalled(lock, installed) {
  return Object.entries(lock.packages).every(([path, entry]) => {
    if (path === '') return true;
    const here = installed.packages[path];
    return here ? here.version === entry.version && here.integrity === entry.integrity : entry.optional === true;
  });
}

function readJson(path) {
  return JSON.parse(readFileSync(new URL(path, root), 'utf8'));
}

function checkInstalled() {
  try {
    return isInstalled(readJson('package-lock.json'), readJson('node_modules/.package-lock.json')) ? 0 : 1;
  } catch {
    return 1;
  }
}

function checkComplete() {
  const lock = readJson('package-lock.json');
  const missing = missingOptionalPackages(lock);
  for (const { name, by } of missing) stderr.write(`missing from package-lock.json: ${name} (wanted by ${by})\n`);
  stdout.write(`package-lock.json: ${Object.keys(lock.packages).length} entries, ${missing.length} missing\n`);
  return missing.length === 0 ? 0 : 1;
}

if (argv[1] === fileURLToPath(import.meta.url)) exit(argv.includes('--installed') ? checkInstalled() : checkComplete());
