import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { removeTree } from '../../base/remove-tree.ts';
import { temporaryDirectory } from '../active-response/support.ts';

test('removes a directory with everything in it, and follows no link', () => {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, 'kept'));
  writeFileSync(join(directory, 'kept/file'), 'precious');
  mkdirSync(join(directory, 'gone/a/b'), { recursive: true, mode: 0o500 });
  writeFileSync(join(directory, 'gone/file'), '');
  symlinkSync(join(directory, 'kept'), join(directory, 'gone/link'));
  removeTree(join(directory, 'gone'));
  assert.equal(readdirSync(directory), ['kept']);
  assert.is(readFileSync(join(directory, 'kept/file'), 'utf8'), 'precious');
});

test('removes a link instead of its target, and ignores a missing file', () => {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, 'kept'));
  symlinkSync('kept', join(directory, 'link'));
  removeTree(join(directory, 'link'));
  removeTree(join(directory, 'none/none'));
  assert.equal(readdirSync(directory), ['kept']);
});

/** Replaces directories by links to `kept`, and the links by the directories again, as fast as possible. */
const SWAPPER = `
const { renameSync, symlinkSync, mkdirSync, writeFileSync } = require('node:fs');
const names = Array.from({ length: 20 }, (_, n) => 'tree/d' + n);
const attempt = (work) => { try { work(); } catch {} };
const make = (name) => {
  attempt(() => { mkdirSync(name); writeFileSync(name + '/file0', ''); });
  attempt(() => symlinkSync(process.argv[1], name + '.link'));
};
for (const name of names) make(name);
console.log('ready');
for (;;) for (const name of names) {
  attempt(() => { renameSync(name, name + '.real'); renameSync(name + '.link', name); });
  attempt(() => { renameSync(name, name + '.link'); renameSync(name + '.real', name); });
  make(name);
}`;

test('removes nothing elsewhere when another account swaps directories for links', async () => {
  if (process.getuid?.() !== 0) return;
  for (let round = 0; round < 20; round++) {
    const directory = temporaryDirectory();
    await execa('chmod', ['0711', directory]);
    const kept = join(directory, 'kept');
    mkdirSync(kept);
    for (let n = 0; n < 50; n++) writeFileSync(join(kept, `file${n}`), '');
    mkdirSync(join(directory, 'tree'));
    await execa('chown', ['65534', join(directory, 'tree')]);
    const swapper = execa(process.execPath, ['-e', SWAPPER, kept], {
      ...{ uid: 65534, gid: 65534, cwd: directory, reject: false, buffer: false, stdin: 'ignore' },
    });
    await new Promise((ready) => swapper.stdout.once('data', ready));
    try {
      removeTree(join(directory, 'tree'));
    } catch {
      // A link in the way of a directory causes an error, as expected.
    } finally {
      swapper.kill('SIGKILL');
      await swapper;
    }
    assert.is(readdirSync(kept).length, 50, `round ${round}`);
  }
});

test('removes files and directories whose names are not UTF-8', () => {
  const directory = temporaryDirectory();
  const name = Buffer.concat([Buffer.from(`${directory}/tree/`), Buffer.from([0x66, 0xe9, 0xff])]);
  mkdirSync(name, { recursive: true });
  writeFileSync(Buffer.concat([name, Buffer.from('/'), Buffer.from([0x80])]), '');
  removeTree(join(directory, 'tree'));
  assert.equal(readdirSync(directory), []);
});

test('removes a tree deeper than PATH_MAX, the descriptor limit and the stack allow', () => {
  if (!existsSync('/proc/self/fd')) return;
  const directory = temporaryDirectory();
  let fd = openSync(directory, 'r');
  for (let depth = 0; depth < 4_000; depth++) {
    const inner = `/proc/self/fd/${fd}/${depth % 2 ? 'd' : 'tree'}`;
    mkdirSync(inner);
    if (depth % 1000 === 0) writeFileSync(`${inner}/file`, '');
    const innerFd = openSync(inner, 'r');
    closeSync(fd);
    fd = innerFd;
  }
  closeSync(fd);
  removeTree(join(directory, 'tree'));
  assert.equal(readdirSync(directory), []);
});

test('leaves no directory behind when no other account interferes', () => {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, 'a'));
  removeTree(join(directory, 'a'));
  assert.not(existsSync(join(directory, 'a')));
});

test.run();
