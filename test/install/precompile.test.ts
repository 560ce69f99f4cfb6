import { execFile } from 'node:child_process';
import { chmod, lstat, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { homeAt } from '../../active-response/home.ts';
import { HEADER_LENGTH } from '../../active-response/precompiled.ts';
import { RESPONSES } from '../../active-response/response/responses.ts';
import { isPrecompiled, precompile } from '../../install/precompile.ts';
import { Installation } from '../lab/installation.ts';

const NAMES = RESPONSES.map(({ name }) => name);

let at: Installation;
let script: string;
let code: string;

test.before.each(async () => {
  at = await Installation.create();
  script = at.script('apache-deny');
  code = `${script}c`;
  assert.equal(precompile(homeAt(at.home)), NAMES);
});
test.after.each(() => rm(at.home, { recursive: true }));

/** Runs an add with --dry-run, which calls the functions whose code was compiled. */
const rehearse = async (env: NodeJS.ProcessEnv = {}) => {
  const words = [script, 'add', '-', '203.0.113.9', '--dry-run'];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, words, {
    env: { PATH: process.env.PATH, ...env },
  });
  return { stdout, stderr };
};

/** Edits the script without changing its length. @param isOlder whether the script seems older than its code */
async function edit(isOlder: boolean): Promise<void> {
  const text = await readFile(script, 'latin1');
  assert.is(text.split('`dry run: ').length, 2);
  await writeFile(script, text.replace('`dry run: ', '`DRY RUN: '), 'latin1');
  if (isOlder) await utimes(script, 1, 1);
}

test('compiles each script once, and lets only root read the code', async () => {
  assert.is((await lstat(code)).mode & 0o777, 0o600);
  assert.ok((await lstat(code)).size > 50_000);
  assert.equal(precompile(homeAt(at.home)), []);
});

test('the trial run leaves no trace in the home, and its code contains the functions that write the ledger', async () => {
  assert.equal(await at.files(), []);
  const text = await readFile(`${at.script('firewall-drop')}c`, 'latin1');
  for (const name of ['fsyncSync', 'spawnSync', 'renameSync']) assert.match(text, name);
});

test('runs the compiled code', async () => {
  await edit(true);
  assert.match((await rehearse()).stdout, 'rehearsed: dry run: ');
});

test('runs the new text of a script that has changed, and compiles it again', async () => {
  await edit(false);
  assert.match((await rehearse()).stdout, 'rehearsed: DRY RUN: ');
  assert.not.ok(isPrecompiled(script, process.version));
  assert.equal(precompile(homeAt(at.home)), ['apache-deny']);
  assert.match((await rehearse()).stdout, 'rehearsed: DRY RUN: ');
});

test('does not use code of another build or another Node, or an empty file', async () => {
  await edit(true);
  const good = await readFile(code);
  const [id = '', version = ''] = good.toString('latin1', 0, HEADER_LENGTH).trim().split(' ');
  assert.is(version, process.version);
  for (const [from, to] of [
    [id, '0'.repeat(id.length)],
    [version, version.replace(/\d/, '9')],
  ] as const) {
    const bytes = Buffer.from(good.toString('latin1').replace(from, to), 'latin1');
    await writeFile(code, bytes);
    assert.match((await rehearse()).stdout, 'rehearsed: DRY RUN: ');
  }
  await writeFile(code, '');
  assert.match((await rehearse()).stdout, 'rehearsed: DRY RUN: ');
});

test('does not follow a link that is in place of the code, and does not wait for a pipe there', async () => {
  await edit(true);
  await rm(code);
  await symlink(`${at.script('route-null')}c`, code);
  assert.match((await rehearse()).stdout, 'rehearsed: DRY RUN: ');
  await rm(code);
  await promisify(execFile)('mkfifo', [code]);
  assert.match((await rehearse()).stdout, 'rehearsed: DRY RUN: ');
});

test('leaves a script unchanged when its code cannot be written', async () => {
  await rm(code);
  await promisify(execFile)('mkdir', ['-p', `${code}/full`]);
  assert.equal(precompile(homeAt(at.home)), []);
  assert.match((await rehearse()).stdout, 'rehearsed: dry run: ');
});

test('names lines of the script in a stack trace', async () => {
  await chmod(script, 0o755);
  await at.write('etc/riposte.allow', 'not an address or a name!\n');
  const failed = await promisify(execFile)(process.execPath, [script, 'add', '-', '203.0.113.9'], {
    env: { PATH: process.env.PATH, RIPOSTE_DEBUG: '1' },
  }).catch((error) => error);
  const [, line] = /apache-deny\.js:(\d+):/.exec(failed.stderr) ?? [];
  const lines = (await readFile(script, 'latin1')).split('\n');
  assert.match(lines[Number(line) - 1] ?? '', 'new RiposteError');
});

test.run();
