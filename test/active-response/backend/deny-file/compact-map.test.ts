import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { apacheMap } from '../../../../active-response/backend/apache/map.ts';
import { agree } from '../../../../active-response/backend/deny-file/compact-map.ts';
import { parseMap } from '../../../../active-response/backend/deny-file/map-lines.ts';
import { dryExecutor, realExecutor } from '../../../../base/execute.ts';
import { childProgram, runChild } from '../../child.ts';
import { temporaryDirectory } from '../../support.ts';

const executor = realExecutor(1, {});
const dead = (count: number) =>
  Array.from({ length: count }, (_, i) => `#98.18.${i >> 8}.${i & 255} deny\n`).join('');

function mapWith(text: string) {
  const directory = temporaryDirectory();
  const file = join(directory, 'deny.map');
  writeFileSync(file, text, { mode: 0o640 });
  const ledger = join(directory, 'ledger');
  const tidy = (at = file, entries = (): string[] => []) => apacheMap(at, entries).tidy?.(executor) ?? [];
  return { directory, file, ledger, tidy };
}

test('removes commented-out lines, and nothing else, when they are most of the map', () => {
  const it = mapWith(`# mine\n203.0.113.9 deny\n${dead(2000)}2001:db8::9 deny\n# deny 203.0.113.1\n`);
  assert.equal(it.tidy(), [`${it.file}: removed 2000 commented-out lines`]);
  assert.is(
    readFileSync(it.file, 'utf8'),
    '# mine\n203.0.113.9 deny\n2001:db8::9 deny\n# deny 203.0.113.1\n',
  );
  assert.is(statSync(it.file).mode & 0o777, 0o640);
  assert.equal(readdirSync(it.directory), ['deny.map']);
  assert.equal(it.tidy(), []);
});

test('leaves a small map, and a map with mostly entries, unchanged', () => {
  const entries = Array.from({ length: 3000 }, (_, i) => `198.18.${i >> 8}.${i & 255} deny\n`).join('');
  for (const text of ['', dead(100), entries + dead(2000)]) {
    const it = mapWith(text);
    assert.equal(it.tidy(), []);
    assert.is(readFileSync(it.file, 'utf8'), text);
  }
});

test('accepts a missing map, and changes no map in a dry run', () => {
  const directory = temporaryDirectory();
  assert.equal(apacheMap(join(directory, 'deny.map'), () => []).tidy?.(executor), []);
  const it = mapWith(dead(2000));
  assert.equal(apacheMap(it.file, () => []).tidy?.(dryExecutor(1, {}, () => {})), []);
  assert.is(readFileSync(it.file, 'utf8'), dead(2000));
});

test('replaces the target when the map is a link', () => {
  const it = mapWith(`${dead(2000)}203.0.113.9 deny\n`);
  const link = join(it.directory, 'link.map');
  symlinkSync('deny.map', link);
  assert.is(it.tidy(link).length, 1);
  assert.is(readFileSync(it.file, 'utf8'), '203.0.113.9 deny\n');
  assert.is(readFileSync(link, 'utf8'), '203.0.113.9 deny\n');
});

test('loses no change when the map is compacted again and again while processes edit it', async () => {
  const writer = await childProgram('backend/apache/map-writer.ts');
  const it = mapWith(dead(2000));
  mkdirSync(it.ledger);
  const children: number[] = [];
  // On a busy machine, the processes may end before the map was compacted often enough. Then start further processes.
  for (let times = 0; times <= 3; ) {
    const some = [1, 2, 3, 4].map((child) => children.length + child);
    children.push(...some);
    let running = some.length;
    const ended = Promise.all(
      some.map((child) =>
        runChild(writer, [it.file, String(child), '60', it.ledger]).then(({ status, stderr }) => {
          running--;
          assert.is(status, 0, stderr);
        }),
      ),
    );
    while (running > 0) {
      // Adds commented-out lines, as if processes had unblocked thousands of addresses.
      writeFileSync(it.file, dead(2000), { flag: 'a' });
      times += it.tidy(it.file, () => readdirSync(it.ledger)).length;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await ended;
  }
  const found = parseMap(readFileSync(it.file, 'latin1'));
  const wanted = children.flatMap((child) =>
    Array.from({ length: 30 }, (_, i) => `198.51.${child}.${2 * i + 1}`),
  );
  // The process that adds an address may write its line, and the compaction may write the same line. An unblock
  // comments out both.
  assert.equal([...new Set(found)].sort(), wanted.sort());
  assert.not(existsSync(join(it.directory, '.deny.map.lock')));
});

test('adopts the ledger’s state of each address that other processes changed in the old file meanwhile', () => {
  const edits: string[] = [];
  const editing = {
    deny: (some: readonly string[]) => edits.push(`deny ${some}`),
    allow: (some: readonly string[]) => edits.push(`allow ${some}`),
  };
  // The second read of the ledger lacks 203.0.113.8: meanwhile, another process unblocked it, but the new file had no
  // line to comment out.
  const answers = [['203.0.113.7', '203.0.113.8'], ['203.0.113.7'], ['203.0.113.7']];
  agree(['203.0.113.8', '203.0.113.9'], editing, () => answers.shift() ?? []);
  assert.equal(edits, ['deny 203.0.113.8', 'allow 203.0.113.9', 'allow 203.0.113.8,203.0.113.9']);
  assert.equal(answers, []);
});

test.run();
