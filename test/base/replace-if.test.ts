import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { replaceIf } from '../../base/replace-if.ts';
import { temporaryDirectory } from '../active-response/support.ts';

/** A file with this text, or a missing file, in a directory of its own. */
function fileWith(text?: string): string {
  const file = join(temporaryDirectory(), 'file');
  if (text !== undefined) writeFileSync(file, text);
  return file;
}

const never = () => false;
const always = () => true;

test('writes a missing file, and makes its directory', () => {
  const file = join(temporaryDirectory(), 'a/b');
  assert.ok(replaceIf(file, 'new', never));
  assert.is(readFileSync(file, 'utf8'), 'new');
});

test('replaces or removes a file that may be replaced, and leaves no temporary file', () => {
  const file = fileWith('old');
  assert.ok(replaceIf(file, 'new', ({ size }) => size === 3));
  assert.is(readFileSync(file, 'utf8'), 'new');
  assert.equal(readdirSync(join(file, '..')), ['file']);
  assert.ok(replaceIf(file, undefined, always));
  assert.equal(readdirSync(join(file, '..')), []);
  assert.ok(replaceIf(file, undefined, never));
});

test('keeps a file that may not be replaced', () => {
  for (const text of ['new', undefined]) {
    const file = fileWith('newer');
    assert.not(replaceIf(file, text, never));
    assert.is(readFileSync(file, 'utf8'), 'newer');
    assert.equal(readdirSync(join(file, '..')), ['file']);
  }
});

test('keeps a file that another process writes after the check', () => {
  for (const text of ['new', undefined]) {
    const file = fileWith('old');
    const isOld = ({ size }: { size: number }) => {
      if (size === 3) writeFileSync(file, 'newer');
      return size === 3;
    };
    assert.not(replaceIf(file, text, isOld), `${text}`);
    assert.is(readFileSync(file, 'utf8'), 'newer');
    assert.equal(readdirSync(join(file, '..')), ['file']);
  }
});

test('keeps a file that another process writes while the old file is set aside', () => {
  const file = fileWith('old');
  let looks = 0;
  const mayReplace = ({ size }: { size: number }) => {
    if (++looks === 2) writeFileSync(file, 'newer');
    return size === 3;
  };
  assert.not(replaceIf(file, 'new', mayReplace));
  assert.is(readFileSync(file, 'utf8'), 'newer');
});

test('replaces no directory', () => {
  const file = fileWith();
  mkdirSync(file);
  assert.not(replaceIf(file, 'new', never));
});

test.run();
