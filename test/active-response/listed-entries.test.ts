import { readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Home, homeAt } from '../../active-response/home.ts';
import { type Block, endBlock, readLedger, writeBlock, writeBlocks } from '../../active-response/ledger.ts';
import { listedEntries } from '../../active-response/listed-entries.ts';
import { EX } from '../../base/errors.ts';
import { refuses, temporaryDirectory } from './support.ts';

const blockOf = (address: string, offence = 1): Block => ({
  address,
  response: 'route-null',
  backend: 'route',
  since: '2026-11-20T09:00:00.000Z',
  until: null,
  offence,
});

const fileOf = (home: Home, address: string) =>
  join(home.blocks, 'route-null', `${address.replace('/', '_')}.json`);

const ADDRESSES = ['203.0.113.9', '203.0.113.10', '2001:db8::/64'];

/** A home with a shared file of three entries, and a file of one entry. */
async function homeWithEntries(): Promise<Home> {
  const home = homeAt(temporaryDirectory());
  await writeBlocks(
    home,
    ADDRESSES.map((address) => blockOf(address)),
  );
  writeBlock(home, blockOf('203.0.113.77'));
  return home;
}

test('reads entries as readLedger() does', async () => {
  const home = await homeWithEntries();
  const read = listedEntries();
  const { blocks } = readLedger(home, 'route-null');
  assert.is(blocks.length, 4);
  assert.equal(readLedger(home, 'route-null', undefined, undefined, read).blocks, blocks);
  for (const block of blocks) assert.equal(read(fileOf(home, block.address)), block);
});

test('reads a shared file once', async () => {
  const home = await homeWithEntries();
  const read = listedEntries();
  const [first, second] = ADDRESSES.map((address) => fileOf(home, address)) as [string, string];
  utimesSync(first, 1, 1);
  read(first);
  const text = readFileSync(first, 'utf8');
  writeFileSync(first, text.replaceAll('"offence":1', '"offence":5'));
  utimesSync(first, 1, 1);
  assert.is(read(second)?.offence, 1);
  assert.is(listedEntries()(second)?.offence, 5);
});

test('remembers no text of a copy that has one name', async () => {
  const home = await homeWithEntries();
  const [first, second] = ADDRESSES.map((address) => fileOf(home, address)) as [string, string];
  const text = readFileSync(first);
  rmSync(first);
  writeFileSync(first, text);
  utimesSync(first, 1, 1);
  const read = listedEntries();
  for (const file of [second, first]) assert.is(read(file)?.offence, 1);
  writeFileSync(first, text.toString().replaceAll('"offence":1', '"offence":5'));
  utimesSync(first, 1, 1);
  assert.is(read(first)?.offence, 5);
});

test('finds that entries were replaced or have ended since the reader read their shared file', async () => {
  const home = await homeWithEntries();
  const read = listedEntries();
  read(fileOf(home, '203.0.113.9'));
  writeBlock(home, blockOf('203.0.113.10', 2));
  endBlock(home, 'route-null', '2001:db8::/64');
  assert.equal(read(fileOf(home, '203.0.113.10')), blockOf('203.0.113.10', 2));
  assert.is(read(fileOf(home, '2001:db8::/64')), undefined);
  assert.equal(read(fileOf(home, '203.0.113.9')), blockOf('203.0.113.9'));
});

test('throws an error for a damaged entry of a shared file', async () => {
  const home = await homeWithEntries();
  const file = fileOf(home, '203.0.113.10');
  writeFileSync(file, readFileSync(file, 'utf8').replace('"offence":1', '"offence":"'));
  const read = listedEntries();
  assert.equal(read(file), blockOf('203.0.113.10'));
  refuses(
    () => read(fileOf(home, '203.0.113.9')),
    EX.IOERR,
    /203\.0\.113\.9\.json is damaged: it holds no block$/,
  );
});

test.run();
