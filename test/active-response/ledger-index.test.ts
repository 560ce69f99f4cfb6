import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Home, homeAt } from '../../active-response/home.ts';
import {
  type Block,
  endBlock,
  indexFile,
  readLedger,
  writeBlock,
  writeBlocks,
} from '../../active-response/ledger.ts';
import { readIndexedLedger } from '../../active-response/ledger-index.ts';
import { leftToAll } from '../runner/share.ts';
import { childProgram } from './child.ts';
import { temporaryDirectory } from './support.ts';

const inAll = leftToAll(test);

const RESPONSE = 'route-null';
const COUNT = 1_200;

const addressOf = (index: number) => `198.18.${index >> 8}.${index & 255}`;

const blockOf = (address: string, some: Partial<Block> = {}): Block => ({
  address,
  response: RESPONSE,
  backend: 'route',
  since: '2026-11-20T09:00:00.000Z',
  until: null,
  offence: 1,
  ...some,
});

/** A ledger of an earlier version: it has only the files of the entries, and no index. */
function existingLedger(count = COUNT): Home {
  const home = homeAt(temporaryDirectory());
  const directory = join(home.blocks, RESPONSE);
  mkdirSync(directory, { recursive: true });
  for (let index = 0; index < count; index++)
    writeFileSync(
      join(directory, `${addressOf(index)}.json`),
      `${JSON.stringify(blockOf(addressOf(index)))}\n`,
    );
  return home;
}

const indexOf = (home: Home) => indexFile(home, RESPONSE, 'json');
const fileOf = (home: Home, address: string) => join(home.blocks, RESPONSE, `${address}.json`);

/** Asserts that the index changes nothing. @returns the entries by address */
function sameAsFiles(home: Home, message = ''): Map<string, Block> {
  const sorted = (blocks: readonly Block[]) => [...blocks].sort((a, b) => (a.address < b.address ? -1 : 1));
  const indexed = readIndexedLedger(home, RESPONSE);
  assert.equal(sorted(indexed.blocks), sorted(readLedger(home, RESPONSE).blocks), message);
  return new Map(indexed.blocks.map((block) => [block.address, block]));
}

test('reads a ledger without an index, and writes the index', () => {
  const home = existingLedger();
  assert.is(sameAsFiles(home).size, COUNT);
  assert.ok(existsSync(indexOf(home)));
  assert.is(sameAsFiles(home).size, COUNT);
});

test('does not read the files of entries that the index contains', () => {
  const home = existingLedger();
  readIndexedLedger(home, RESPONSE);
  // If the read used this file, it would report the entry as damaged.
  writeFileSync(fileOf(home, addressOf(7)), '');
  assert.is(readIndexedLedger(home, RESPONSE).damaged.length, 0);
});

test('needs no index for a small ledger', () => {
  const home = existingLedger(100);
  assert.is(sameAsFiles(home).size, 100);
  assert.not.ok(existsSync(indexOf(home)));
});

test('finds each change since the index was made', async () => {
  const home = existingLedger();
  readIndexedLedger(home, RESPONSE);
  writeBlock(home, blockOf(addressOf(1), { offence: 2 }));
  await writeBlocks(home, [blockOf(addressOf(2), { offence: 3 }), blockOf('203.0.113.9')]);
  endBlock(home, RESPONSE, addressOf(3));
  endBlock(home, RESPONSE, addressOf(4));
  writeBlock(home, blockOf(addressOf(4), { offence: 4 }));
  const found = sameAsFiles(home);
  assert.is(found.get(addressOf(1))?.offence, 2);
  assert.is(found.get(addressOf(2))?.offence, 3);
  assert.ok(found.has('203.0.113.9'));
  assert.not.ok(found.has(addressOf(3)));
  assert.is(found.get(addressOf(4))?.offence, 4);
});

test('finds a change that was noted before the index was made, and written afterwards', () => {
  const home = existingLedger();
  writeBlock(home, blockOf(addressOf(1)));
  readIndexedLedger(home, RESPONSE);
  writeFileSync(fileOf(home, addressOf(1)), `${JSON.stringify(blockOf(addressOf(1), { offence: 2 }))}\n`);
  assert.is(sameAsFiles(home).get(addressOf(1))?.offence, 2);
});

test('ignores an index that is older than a container’s restart, although the boot id is the same', () => {
  const home = existingLedger();
  sameAsFiles(home);
  const index = JSON.parse(readFileSync(indexOf(home), 'utf8'));
  const block = blockOf(addressOf(1));
  writeFileSync(fileOf(home, block.address), JSON.stringify({ ...block, offence: 5 }));
  writeFileSync(indexOf(home), JSON.stringify({ ...index, at: index.at + 1e6 }));
  assert.is(sameAsFiles(home).get(block.address)?.offence, 5);
});

test('writes a new index when many entries have changed', () => {
  const home = existingLedger();
  readIndexedLedger(home, RESPONSE);
  const { ino } = statSync(indexOf(home));
  for (let index = 0; index < COUNT / 10; index++)
    writeBlock(home, blockOf(addressOf(index), { offence: 2 }));
  sameAsFiles(home);
  assert.is.not(statSync(indexOf(home)).ino, ino);
});

test('writes a block, and removes the index, when the change cannot be noted', async () => {
  const home = existingLedger();
  readIndexedLedger(home, RESPONSE);
  rmSync(indexFile(home, RESPONSE, 'changed'), { force: true });
  mkdirSync(indexFile(home, RESPONSE, 'changed'));
  writeBlock(home, blockOf(addressOf(1), { offence: 2 }));
  assert.not.ok(existsSync(indexOf(home)));
  rmSync(indexFile(home, RESPONSE, 'changed'), { recursive: true });
  assert.is(sameAsFiles(home).get(addressOf(1))?.offence, 2);
});

for (const [what, damage] of [
  ['of another boot', (text: string) => text.replace(/"boot":"[^"]*"/, '"boot":"another"')],
  ['that is cut off', (text: string) => text.slice(0, -10)],
  ['that is empty', () => ''],
  ['without entries', () => '{}'],
  ['that is not an object', () => 'null'],
] as const) {
  test(`ignores an index ${what}`, () => {
    const home = existingLedger();
    readIndexedLedger(home, RESPONSE);
    writeFileSync(indexOf(home), damage(readFileSync(indexOf(home), 'utf8')));
    writeFileSync(fileOf(home, addressOf(1)), `${JSON.stringify(blockOf(addressOf(1), { offence: 2 }))}\n`);
    assert.is(sameAsFiles(home).get(addressOf(1))?.offence, 2);
  });
}

test('shortens the notes about changes, and loses none of them', () => {
  const home = existingLedger();
  readIndexedLedger(home, RESPONSE);
  const changes = indexFile(home, RESPONSE, 'changed');
  writeFileSync(changes, `0.01 ${addressOf(5)}\n`.repeat(100_000));
  writeBlock(home, blockOf(addressOf(1), { offence: 2 }));
  sameAsFiles(home);
  assert.not.ok(existsSync(changes));
  // Another writer, which opened the file of notes before it was renamed, adds a note.
  writeFileSync(fileOf(home, addressOf(6)), `${JSON.stringify(blockOf(addressOf(6), { offence: 7 }))}\n`);
  const now = readFileSync(`${changes}.old`, 'utf8').trimEnd().split('\n').at(-1)?.split(' ')[0];
  writeFileSync(`${changes}.old`, `${now} ${addressOf(6)}\n`, { flag: 'a' });
  assert.is(sameAsFiles(home).get(addressOf(6))?.offence, 7);
});

test('removes long notes and the index when the ledger has become small', () => {
  const home = existingLedger();
  readIndexedLedger(home, RESPONSE);
  for (let index = 10; index < COUNT; index++) rmSync(fileOf(home, addressOf(index)));
  mkdirSync(dirname(indexFile(home, RESPONSE, 'changed')), { recursive: true });
  writeFileSync(indexFile(home, RESPONSE, 'changed'), `0.01 ${addressOf(5)}\n`.repeat(100_000));
  assert.is(sameAsFiles(home).size, 10);
  assert.not.ok(existsSync(indexOf(home)));
  assert.not.ok(existsSync(indexFile(home, RESPONSE, 'changed')));
});

inAll('agrees with the files after a kill at any step', async () => {
  const program = await childProgram('ledger-changer.ts');
  const home = existingLedger();
  const run = (step: number) =>
    spawnSync(process.execPath, ['--import', './test/install/kill-at.mjs', program, home.root], {
      env: { KILL_AT: String(step) },
    });
  // The steps: the first read writes the index; each renewal notes the change, writes the entry and renames it; the
  // last read writes a new index.
  const first = Array.from({ length: 16 }, (_, index) => index + 1);
  const last = Array.from({ length: 12 }, (_, index) => 796 + index);
  for (const step of [...first, ...last]) {
    rmSync(dirname(indexOf(home)), { recursive: true, force: true });
    run(step);
    sameAsFiles(home, `killed at step ${step}`);
    assert.is(run(0).status, 0);
    sameAsFiles(home, `after a complete run that follows a kill at step ${step}`);
  }
});

test.run();
