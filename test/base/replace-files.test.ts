import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { replaceFile } from '../../base/files.ts';
import { type NewFile, replaceFiles, type Taking } from '../../base/replace-files.ts';

let directory: string;

test.before.each(() => {
  directory = mkdtempSync(join(tmpdir(), 'riposte-replace-'));
});

test.after.each(() => rmSync(directory, { recursive: true }));

/** Files of two names each, in two directories: 0 and 2, 1 and 3, and so on. */
const filesOf = (count: number, text = (first: number) => `${first}\n`): NewFile[] =>
  Array.from({ length: count }, (_, index) => {
    const first = 4 * (index >> 1) + (index & 1);
    return { names: [nameOf(first), nameOf(first + 2)], text: text(first) };
  });

const nameOf = (index: number) => join(directory, `d${index % 2}`, String(index));
const namesIn = (files: readonly NewFile[]) => files.flatMap(({ names }) => names);
const present = () => ['d0', 'd1'].flatMap((each) => readdirSync(join(directory, each)));

const NOTHING = { failed: new Map(), left: new Set() };

test('writes files with several names, and leaves no temporary file', async () => {
  const files = filesOf(100);
  assert.equal(await replaceFiles(files), NOTHING);
  for (const { names, text } of files) for (const name of names) assert.is(readFileSync(name, 'utf8'), text);
  assert.is(present().length, 200);
  assert.is(statSync(nameOf(0)).mode & 0o777, 0o640);
  assert.is(statSync(nameOf(0)).ino, statSync(nameOf(2)).ino);
});

test('replaces the names that it may replace, and creates the names that are free', async () => {
  mkdirSync(join(directory, 'd0'));
  for (const index of [0, 2, 4]) writeFileSync(nameOf(index), 'old');
  const takings: Record<string, Taking> = {
    [nameOf(0)]: 'leave',
    [nameOf(2)]: 'create',
    [nameOf(4)]: 'replace',
  };
  const result = await replaceFiles(filesOf(4), () => (name) => takings[name] ?? 'create');
  assert.equal(result, { failed: new Map(), left: new Set([nameOf(0), nameOf(2)]) });
  const textAt = (index: number) => readFileSync(nameOf(index), 'utf8');
  assert.equal([0, 2, 4, 6].map(textAt), ['old', 'old', '4\n', '4\n']);
  assert.is(present().length, 8);
});

test('reports the name that it cannot replace, and creates the others', async () => {
  mkdirSync(nameOf(1), { recursive: true });
  const { failed } = await replaceFiles(filesOf(4));
  assert.equal([...failed.keys()], [nameOf(1)]);
  assert.match(failed.get(nameOf(1))?.message ?? '', 'cannot write');
  assert.is(readFileSync(nameOf(3), 'utf8'), '1\n');
  assert.is(present().length, 8);
});

test('reports all names of a file that it cannot write', async () => {
  writeFileSync(join(directory, 'd1'), 'in the way');
  const { failed } = await replaceFiles(filesOf(2));
  assert.equal([...failed.keys()], [nameOf(1), nameOf(3)]);
  assert.equal(readdirSync(join(directory, 'd0')), ['0', '2']);
});

test('lets two batches write the same names at the same time', async () => {
  const files = filesOf(100);
  const others = filesOf(100, () => 'other');
  assert.equal(await Promise.all([replaceFiles(files), replaceFiles(others)]), [NOTHING, NOTHING]);
  for (const { names, text } of files)
    for (const name of names) assert.ok([text, 'other'].includes(readFileSync(name, 'utf8')));
  assert.is(present().length, namesIn(files).length);
});

test('gives all names if this thread replaces one of these files meanwhile', async () => {
  const [file] = filesOf(1) as [NewFile];
  const [first, second] = file.names as [string, string];
  mkdirSync(join(directory, 'd0'));
  const result = replaceFiles([file], () => (name) => (name === first ? 'leave' : 'create'));
  replaceFile(first, 'newer');
  assert.equal(await result, { failed: new Map(), left: new Set([first]) });
  assert.equal(
    [first, second].map((name) => readFileSync(name, 'utf8')),
    ['newer', '0\n'],
  );
  assert.is(readdirSync(join(directory, 'd0')).length, 2);
});

test.run();
