import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EX } from '../../base/errors.ts';
import { findProgram, lookForProgram } from '../../base/find-program.ts';
import { directoryOfPrograms, refuses, temporaryDirectory } from '../active-response/support.ts';

test('takes the first directory of PATH that has the program', () => {
  const [first, second] = [directoryOfPrograms({ nft: '' }), directoryOfPrograms({ nft: '', ip: '' })];
  const path = `${temporaryDirectory()}:${first}:${second}`;
  assert.is(findProgram('nft', path), join(first, 'nft'));
  assert.is(findProgram('ip', path), join(second, 'ip'));
});

test('follows a link to a program, and skips a broken link', () => {
  const directory = directoryOfPrograms({ 'nft.real': '' });
  symlinkSync('nft.real', join(directory, 'nft'));
  symlinkSync('gone', join(directory, 'ip'));
  assert.is(lookForProgram('nft', directory), join(directory, 'nft'));
  assert.is(lookForProgram('ip', directory), undefined);
});

test('skips a file that is not executable', () => {
  const [first, second] = [temporaryDirectory(), directoryOfPrograms({ nft: '' })];
  writeFileSync(join(first, 'nft'), '');
  chmodSync(join(first, 'nft'), 0o644);
  assert.is(findProgram('nft', `${first}:${second}`), join(second, 'nft'));
});

test('skips a directory of the program’s name', () => {
  const [first, second] = [temporaryDirectory(), directoryOfPrograms({ nft: '' })];
  mkdirSync(join(first, 'nft'));
  assert.is(findProgram('nft', `${first}:${second}`), join(second, 'nft'));
});

test('ignores relative directories in PATH', () => {
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

test('looks for an absolute path only at that path, and not in PATH', () => {
  const directory = directoryOfPrograms({ apachectl: '' });
  assert.is(findProgram(join(directory, 'apachectl'), '/nowhere'), join(directory, 'apachectl'));
  refuses(() => findProgram('/nowhere/apachectl', directory), EX.UNAVAILABLE, /^\/nowhere\/apachectl /);
});

test('searches the usual directories when there is no PATH', () => {
  assert.match(findProgram('sh', undefined), /^\/(usr\/)?(local\/)?bin\/sh$/);
  assert.match(findProgram('sh', ''), /^\/(usr\/)?(local\/)?bin\/sh$/);
});

test('names PATH, and the package if Riposte knows it, when a program is missing', () => {
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
