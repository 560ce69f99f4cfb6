/**
 * npm run release: checks everything that a release needs, makes dist/packages/, and prints how to publish the
 * packages. It publishes nothing, and makes no tag. It prints all problems, and exits with status 1 if there is one.
 *
 *   --no-check    leave out npm run check (types, lint, unit tests)
 *   --quick       compress little, for tests
 *   --only NAME   as in npm run package, for tests
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import minimist from 'minimist';
import { packageFilesOfCli } from '../build/bundle-cli.ts';
import { NOTICES } from '../build/notices.ts';
import {
  type Made,
  madeIn,
  noticeProblems,
  packProblems,
  reproductionProblems,
  versionProblems,
} from './release-checks.ts';
import { runTool } from './tools.ts';

const given = minimist(process.argv.slice(2), {
  string: ['only'],
  boolean: ['check', 'quick'],
  default: { check: true },
});
const OUT = 'dist/packages';
const problems: string[] = [];
const { version } = JSON.parse(read('package.json'));

step('the tree is as committed', treeProblems);
step('the versions agree', () =>
  versionProblems({
    packageJson: read('package.json'),
    packageLock: read('package-lock.json'),
    changelog: read('CHANGELOG.md'),
    galaxy: read('packaging/ansible/galaxy.yml'),
    docs: new Map(
      ['README.md', 'packaging/ansible/README.md', ...documents()].map((path) => [path, read(path)]),
    ),
  }),
);
step(`no tag v${version} names another commit`, tagProblems);
if (given.check) step('types, lint and unit tests pass (npm run check)', checkProblems);
step('two runs make packages of the same bytes', packageProblems);
const packageFiles = await packageFilesOfCli();
step('the notices name all packages of npm', () => noticeProblems(read(join('dist', NOTICES)), packageFiles));
step('the pack of rules is signed by the project’s key', signatureProblems);

if (problems.length > 0) {
  console.log(`\nNot ready to release ${version}. Problems: ${problems.length}. Nothing was published.`);
  process.exit(1);
}
console.log(publishing(madeIn(OUT)));

function step(name: string, find: () => string[]): void {
  const found = attempt(find);
  problems.push(...found);
  console.log(`${found.length === 0 ? 'ok  ' : 'FAIL'} ${name}`);
  for (const problem of found) console.log(`       ${problem}`);
}

function attempt(find: () => string[]): string[] {
  try {
    return find();
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

function read(path: string): string {
  return readFileSync(path, 'utf8');
}

function documents(): string[] {
  const names = readdirSync('docs', { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.md')).map((name) => join('docs', name));
}

function treeProblems(): string[] {
  const changed = runTool('git', ['status', '--porcelain']).split('\n').filter(Boolean);
  return changed.length === 0
    ? []
    : [`${changed.length} files differ from the commit, the first: ${changed[0]?.trim()}`];
}

function tagProblems(): string[] {
  const tag = `v${version}`;
  if (runTool('git', ['tag', '--list', tag]).trim() === '') return [];
  const [tagged, head] = [`${tag}^{commit}`, 'HEAD'].map((name) =>
    runTool('git', ['rev-parse', name]).trim(),
  );
  return tagged === head ? [] : [`${tag} names ${tagged?.slice(0, 12)}, but HEAD is ${head?.slice(0, 12)}`];
}

function checkProblems(): string[] {
  const { status } = spawnSync('npm', ['run', '--silent', 'check'], { stdio: 'inherit' });
  return status === 0 ? [] : ['npm run check has failed (see above)'];
}

/** Makes the packages for publishing, makes them again elsewhere with another umask, and compares both. */
function packageProblems(): string[] {
  rmSync(OUT, { recursive: true, force: true });
  const again = mkdtempSync(join(tmpdir(), 'riposte-again-'));
  try {
    make('022', OUT);
    make('077', again);
    return reproductionProblems(madeIn(OUT), madeIn(again));
  } finally {
    rmSync(again, { recursive: true });
  }
}

/** Runs the build and makes the packages, in a process with this umask. */
function make(umask: string, directory: string): void {
  const only = [given.only ?? []].flat().flatMap((name: string) => ['--only', name]);
  const words = ['packaging/package.ts', '--out', directory, ...(given.quick ? ['--quick'] : []), ...only];
  const script = `umask ${umask}; exec "$0" build/run-ts.mjs "$@"`;
  runTool('sh', ['-c', script, process.execPath, ...words]);
}

function signatureProblems(): string[] {
  const packs = madeIn(OUT).filter(({ name }) => name.startsWith('riposte-rules-'));
  if (packs.length === 0) return ['there is no pack of rules'];
  return packs.flatMap(({ name }) => packProblems(join(OUT, name), version));
}

function publishing(made: readonly Made[]): string {
  const files = made.map(({ name, bytes, sha256 }) => `${sha256}  ${name}  ${(bytes / 1e6).toFixed(1)} MB`);
  const tarball = made.find(({ name }) => name.endsWith('.tgz'));
  return [
    `\nReady to release ${version}. Nothing is published yet. When CI has passed for this commit:`,
    '',
    `  git tag -s v${version} -m "Riposte ${version}"`,
    `  git push origin v${version}`,
    `  attach the files of ${OUT} to that tag's release, with the sums below`,
    ...(tarball ? [`  npm publish ${join(OUT, tarball.name)}`] : []),
    '',
    ...files,
  ].join('\n');
}
