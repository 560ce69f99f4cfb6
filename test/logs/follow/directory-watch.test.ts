import { appendFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DirectoryWatch } from '../../../logs/follow/directory-watch.ts';
import { eventually } from '../../lab/server.ts';

const test = suite('directory-watch');
let root = '';
let watch: DirectoryWatch;
let changes = 0;

test.before.each(() => {
  root = mkdtempSync(join(tmpdir(), 'riposte-watch-'));
});
test.after.each(() => {
  watch.close();
  rmSync(root, { recursive: true });
});

function start(...files: string[]): void {
  const paths = files.map((file) => join(root, file));
  watch = new DirectoryWatch(
    () => paths,
    () => changes++,
    assert.unreachable,
  );
  watch.look();
}

/** Asserts that the kernel reports a change. */
async function assertReports(change: () => void): Promise<void> {
  await new Promise((wake) => setTimeout(wake, 50)); // earlier events arrive first
  changes = 0;
  change();
  await eventually('the kernel reports the change', async () => changes > 0);
}

test('reports a file that is created and grows', async () => {
  start('a.log');
  await assertReports(() => writeFileSync(join(root, 'a.log'), ''));
  await assertReports(() => appendFileSync(join(root, 'a.log'), 'x\n'));
});

test('does not report other files in the directory', async () => {
  start('a.log');
  changes = 0;
  writeFileSync(join(root, 'b.log'), 'x\n');
  await new Promise((wake) => setTimeout(wake, 100));
  assert.is(changes, 0);
});

test('follows a directory that is created late, removed and created again', async () => {
  start('later/a.log');
  for (let round = 0; round < 2; round++) {
    mkdirSync(join(root, 'later'));
    watch.look();
    await assertReports(() => writeFileSync(join(root, 'later/a.log'), ''));
    rmSync(join(root, 'later'), { recursive: true });
    watch.look();
  }
});

test('reports changes of a log behind a link', async () => {
  mkdirSync(join(root, 'elsewhere'));
  writeFileSync(join(root, 'elsewhere/real.log'), '');
  symlinkSync(join(root, 'elsewhere/real.log'), join(root, 'a.log'));
  start('a.log');
  await assertReports(() => appendFileSync(join(root, 'elsewhere/real.log'), 'x\n'));
});

test('continues when a directory of the path is a file at first', async () => {
  writeFileSync(join(root, 'later'), '');
  start('later/deep/a.log');
  rmSync(join(root, 'later'));
  mkdirSync(join(root, 'later/deep'), { recursive: true });
  watch.look();
  await assertReports(() => writeFileSync(join(root, 'later/deep/a.log'), ''));
});

test.run();
