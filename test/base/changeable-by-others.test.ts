import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { changeableByOthers } from '../../base/changeable-by-others.ts';
import { temporaryDirectory } from '../active-response/support.ts';

/** Makes a file in a directory; only this account can change either. */
function makeFile(): { directory: string; file: string } {
  const directory = join(temporaryDirectory(), 'etc');
  mkdirSync(directory, { mode: 0o755 });
  const file = join(directory, 'conf');
  writeFileSync(file, '', { mode: 0o644 });
  return { directory, file };
}

test('trusts a file that only this account and root can change, also in a sticky directory', () => {
  const { directory, file } = makeFile();
  assert.is(changeableByOthers(file), undefined);
  chmodSync(directory, 0o1777);
  assert.is(changeableByOthers(file), undefined);
});

test('names the file or directory that other accounts may write to', () => {
  const { directory, file } = makeFile();
  chmodSync(file, 0o664);
  assert.is(changeableByOthers(file), `${file} is writable by its group`);
  chmodSync(file, 0o646);
  assert.is(changeableByOthers(file), `${file} is writable by every account`);
  chmodSync(file, 0o644);
  chmodSync(directory, 0o770);
  assert.is(changeableByOthers(file), `${directory} is writable by its group`);
});

test('names an owner other than root', () => {
  if (process.getuid?.() !== 0) return;
  const { directory, file } = makeFile();
  chownSync(directory, 65534, 0);
  assert.is(changeableByOthers(file), `${directory} belongs to account 65534`);
});

test('examines the directory of a link and the directory of its target', () => {
  const [at, to] = [makeFile(), makeFile()];
  const link = join(at.directory, 'link');
  symlinkSync(to.file, link);
  assert.is(changeableByOthers(link), undefined);
  chmodSync(to.directory, 0o775);
  assert.is(changeableByOthers(link), `${to.directory} is writable by its group`);
  chmodSync(to.directory, 0o755);
  chmodSync(at.directory, 0o775);
  assert.is(changeableByOthers(link), `${at.directory} is writable by its group`);
});

test.run();
