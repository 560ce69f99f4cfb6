import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  noticeProblems,
  packProblems,
  reproductionProblems,
  versionProblems,
} from '../../packaging/release-checks.ts';
import { packOf } from '../evaluate/rule-pack/packs.ts';
import { missingForPackages } from '../lab/packages.ts';
import { skippedSuite } from '../lab/suite.ts';

/** Tests each check of npm run release, and the whole command in a clone. */
// Look for the programs before the first suite ends: the runner ends this process a minute after the end of a suite.
const lacks = await missingForPackages({ git: 'git' });
const test = suite('release');

const TEXTS = {
  packageJson: '{"version":"1.2.3"}',
  packageLock: '{"version":"1.2.3","packages":{"":{"version":"1.2.3"}}}',
  changelog: '# Changelog\n\n## 1.2.3 - 2026-11-29\n\n## 1.2.2 - 2026-01-01\n',
  galaxy: 'name: riposte\nversion: 1.2.3\n',
  docs: new Map([['docs/a.md', 'dpkg -i riposte_1.2.3_amd64.deb']]),
};

test('accepts texts of one version', () => {
  assert.equal(versionProblems(TEXTS), []);
  assert.equal(versionProblems({ ...TEXTS, changelog: '## [1.2.3] - 2026-11-29' }), []);
});

test('names each text that has another version', () => {
  const packageLock = '{"version":"1.2.3","packages":{"":{"version":"1.2.2"}}}';
  const changelog = '# Changelog\n\n## Unreleased (1.2.3)\n';
  const galaxy = 'version: 1.2.2\n';
  const docs = new Map([['docs/a.md', 'riposte_1.2.2_amd64.deb, riposte-1.2.3-1.x86_64.rpm']]);
  const [lock, log, collection, doc, ...more] = versionProblems({
    ...TEXTS,
    packageLock,
    changelog,
    galaxy,
    docs,
  });
  assert.is(lock, 'package-lock.json has version 1.2.2, package.json 1.2.3: run npm install');
  assert.match(String(log), 'CHANGELOG.md begins with "Unreleased (1.2.3)": write "## 1.2.3 - ');
  assert.is(collection, 'packaging/ansible/galaxy.yml does not have the line "version: 1.2.3"');
  assert.is(doc, 'docs/a.md names riposte_1.2.2, but the version is 1.2.3');
  assert.equal(more, []);
  assert.is(versionProblems({ ...TEXTS, changelog: '## 1.2.2 - 2026-01-01' }).length, 1);
});

test('finds files with different bytes, and missing files', () => {
  const made = (name: string, sha256: string) => ({ name, sha256, bytes: 1 });
  assert.equal(reproductionProblems([made('a', '1')], [made('a', '1')]), []);
  const found = reproductionProblems([made('a', '1'), made('b', '1')], [made('a', '2'), made('c', '1')]);
  assert.equal(
    found.map((text) => text.slice(0, 1)),
    ['a', 'b', 'c'],
  );
});

test('finds packages without a notice', () => {
  const files = ['node_modules/execa/index.js', 'node_modules/execa/lib.js', 'x/node_modules/@a/b/c.js'];
  assert.equal(noticeProblems('execa 9.0.0 (MIT)\n@a/b 1.0.0 (MIT)\n', files), []);
  assert.match(String(noticeProblems('execa-more 1.0.0\n@a/b 1.0.0\n', files)), 'does not name execa,');
});

test('finds a pack of rules that the program would refuse', () => {
  const directory = mkdtempSync(join(tmpdir(), 'riposte-release-'));
  const problem = (text: string) => {
    const file = join(directory, 'pack.json');
    writeFileSync(file, text);
    return String(packProblems(file, '0.2.0'));
  };
  assert.match(problem(packOf({}, { key: null })), 'is not signed: RIPOSTE_RULES_KEY');
  assert.match(problem(packOf({})), 'signed by another key');
  assert.match(problem('x'), 'is not a pack');
  rmSync(directory, { recursive: true });
});

test.run();

const whole = lacks === undefined ? suite('release in a clone') : skippedSuite('release in a clone', lacks);

whole('prints all problems and then the files to publish, and publishes nothing', async () => {
  const clone = await mkdtemp(join(tmpdir(), 'riposte-clone-'));
  await execa('git', ['clone', '--quiet', '.', clone]);
  await symlink(resolve('node_modules'), join(clone, 'node_modules'));
  const git = (...words: string[]) =>
    execa('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...words], { cwd: clone });
  await writeFile(join(clone, '.git/info/exclude'), 'node_modules\n');
  const release = () =>
    execa(
      process.execPath,
      ['build/run-ts.mjs', 'packaging/release.ts', '--quick', '--no-check', '--only', 'json'],
      { cwd: clone, reject: false, stdin: 'ignore', env: { RIPOSTE_RULES_KEY: '' } },
    );
  const changelog = join(clone, 'CHANGELOG.md');
  const { version } = JSON.parse(await readFile(join(clone, 'package.json'), 'utf8'));
  const text = await readFile(changelog, 'utf8');
  await writeFile(changelog, text.replace(/^## .*$/m, `## ${version} - 2026-11-29`));
  await git('tag', `v${version}`);

  const first = await release();
  assert.is(first.exitCode, 1, first.stdout);
  assert.match(first.stdout, /FAIL the tree is as committed\n.*files? differ.*CHANGELOG\.md/);
  assert.match(
    first.stdout,
    /FAIL the pack of rules is signed .*\n.*RIPOSTE_RULES_KEY must name the private key/,
  );
  assert.match(first.stdout, 'ok   the versions agree');
  assert.match(first.stdout, 'ok   two runs make packages of the same bytes');
  assert.match(first.stdout, 'ok   the notices name all packages of npm');
  assert.match(first.stdout, /Nothing was published\.$/);

  await git('commit', '--quiet', '-am', 'release');
  const second = await release();
  assert.match(second.stdout, /ok {3}the tree is as committed/);
  assert.match(second.stdout, new RegExp(`FAIL no tag v${version} names another commit`));
  await rm(clone, { recursive: true });
});

whole.run();
