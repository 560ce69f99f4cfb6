import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findProgram, lookForProgram } from '../../../active-response/backend/find-program.ts';
import { EX } from '../../../active-response/errors.ts';
import { directoryOfPrograms, refuses, temporaryDirectory } from '../support.ts';

test('the first directory of PATH that has the program counts', () => {
  const [first, second] = [directoryOfPrograms({ nft: '' }), directoryOfPrograms({ nft: '', ip: '' })];
  const path = `${temporaryDirectory()}:${first}:${second}`;
  assert.is(findProgram('nft', path), join(first, 'nft'));
  assert.is(findProgram('ip', path), join(second, 'ip'));
});

test('a symlink to a program is a program, and one to nothing is none', () => {
  const directory = directoryOfPrograms({ 'nft.real': '' });
  symlinkSync('nft.real', join(directory, 'nft'));
  symlinkSync('gone', join(directory, 'ip'));
  assert.is(lookForProgram('nft', directory), join(directory, 'nft'));
  assert.is(lookForProgram('ip', directory), undefined);
});

test('a file that cannot be run is passed over', () => {
  const [first, second] = [temporaryDirectory(), directoryOfPrograms({ nft: '' })];
  writeFileSync(join(first, 'nft'), '');
  chmodSync(join(first, 'nft'), 0o644);
  assert.is(findProgram('nft', `${first}:${second}`), join(second, 'nft'));
});

test('a directory of the program’s name is passed over', () => {
  const [first, second] = [temporaryDirectory(), directoryOfPrograms({ nft: '' })];
  mkdirSync(join(first, 'nft'));
  assert.is(findProgram('nft', `${first}:${second}`), join(second, 'nft'));
});

test('relative directories in PATH are not trusted', () => {
  const directory = directoryOfPrograms({ 'riposte-test-program': '' });
  const before = process.cwd();
  process.chdir(directory);
  try {
    for (const path of ['.', ':/nowhere', './', '/nowhere::.'])
      assert.is(lookForProgram('riposte-test-program', path), undefined, path);
  } finally {
    process.chdir(before);
  }
});

test('a program by its absolute path is looked for there alone', () => {
  const directory = directoryOfPrograms({ apachectl: '' });
  assert.is(findProgram(join(directory, 'apachectl'), '/nowhere'), join(directory, 'apachectl'));
  refuses(() => findProgram('/nowhere/apachectl', directory), EX.UNAVAILABLE, /^\/nowhere\/apachectl /);
});

test('without PATH the usual directories are looked in', () => {
  assert.match(findProgram('sh', undefined), /^\/(usr\/)?(local\/)?bin\/sh$/);
  assert.match(findProgram('sh', ''), /^\/(usr\/)?(local\/)?bin\/sh$/);
});

test('a missing program is an error that names PATH, and the package where it is known', () => {
  const path = temporaryDirectory();
  refuses(
    () => findProgram('nft', path),
    EX.UNAVAILABLE,
    new RegExp(`^nft is not in PATH \\(${path}\\); install nftables$`),
  );
  refuses(() => findProgram('ip6tables-restore', path), EX.UNAVAILABLE, /; install iptables$/);
  refuses(
    () => findProgram('my-own', path),
    EX.UNAVAILABLE,
    new RegExp(`^my-own is not in PATH \\(${path}\\)$`),
  );
});

test.run();
