import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { replaceFiles } from '../../base/replace-files.ts';

/* replaceFiles syncs few files one by one, and many files by one sync of their file system. */

let directory: string;
const path = process.env.PATH;

test.before.each(() => {
  directory = mkdtempSync(join(tmpdir(), 'riposte-replace-'));
});

test.after.each(() => {
  process.env.PATH = path;
  rmSync(directory, { recursive: true });
});

const textsOf = (count: number): Map<string, string> =>
  new Map(
    Array.from({ length: count }, (_, index) => [join(directory, `d${index % 2}`, `${index}`), `${index}\n`]),
  );

const NOTHING = { failed: new Map(), left: new Set() };

for (const [count, how] of [
  [3, 'few files'],
  [600, 'many files'],
] as const) {
  test(`replaces ${how}, and leaves no temporary file`, async () => {
    const texts = textsOf(count);
    assert.equal(await replaceFiles(texts), NOTHING);
    for (const [file, text] of texts) assert.is(readFileSync(file, 'utf8'), text);
    assert.is(readdirSync(join(directory, 'd0')).length + readdirSync(join(directory, 'd1')).length, count);
    assert.is(statSync(join(directory, 'd0', '0')).mode & 0o777, 0o640);
  });

  test(`replaces ${how} except the files that it may not replace`, async () => {
    const texts = textsOf(count);
    const [own, other] = [join(directory, 'd0', '0'), join(directory, 'd1', '1')];
    mkdirSync(join(directory, 'd0'));
    writeFileSync(own, 'own');
    const result = await replaceFiles(texts, (file) => file !== own && file !== other);
    assert.equal(result, { failed: new Map(), left: new Set([own, other]) });
    assert.is(readFileSync(own, 'utf8'), 'own');
    assert.is(readdirSync(join(directory, 'd0')).length, count / 2 + (count % 2) / 2);
    assert.is(readdirSync(join(directory, 'd1')).length, Math.floor(count / 2) - 1);
  });

  test(`names the file that it cannot replace, and replaces the rest of ${how}`, async () => {
    mkdirSync(join(directory, 'd1', '1'), { recursive: true });
    const { failed } = await replaceFiles(textsOf(count));
    assert.equal([...failed.keys()], [join(directory, 'd1', '1')]);
    assert.match(failed.get(join(directory, 'd1', '1'))?.message ?? '', 'cannot write');
    assert.is(readdirSync(join(directory, 'd0')).length + readdirSync(join(directory, 'd1')).length, count);
  });
}

for (const count of [3, 600])
  test(`replaces ${count} files twice at the same time`, async () => {
    const texts = textsOf(count);
    const others = new Map([...texts.keys()].map((file) => [file, 'other']));
    assert.equal(await Promise.all([replaceFiles(texts), replaceFiles(others)]), [NOTHING, NOTHING]);
    for (const [file, text] of texts) assert.ok([text, 'other'].includes(readFileSync(file, 'utf8')));
    assert.is(readdirSync(join(directory, 'd0')).length + readdirSync(join(directory, 'd1')).length, count);
  });

for (const [why, text] of [
  ['there is no program that syncs a file system', undefined],
  ['the program that syncs a file system fails', '#!/bin/sh\nexit 1\n'],
  ['the program that syncs a file system does not end', '#!/bin/sh\nexec /bin/sleep 600\n'],
] as const)
  test(`syncs each of many files if ${why}`, async () => {
    process.env.PATH = directory;
    if (text !== undefined) writeFileSync(join(directory, 'sync'), text, { mode: 0o755 });
    const texts = textsOf(600);
    assert.equal(await replaceFiles(texts), NOTHING);
    for (const [file, text] of texts) assert.is(readFileSync(file, 'utf8'), text);
  });

test.run();
