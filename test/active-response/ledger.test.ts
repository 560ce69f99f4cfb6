import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Home, homeAt } from '../../active-response/home.ts';
import {
  amendBlock,
  type Block,
  blockedAddresses,
  blockReader,
  endBlock,
  endBlockIf,
  hasEnded,
  knownEntries,
  readBlock,
  readEnded,
  readEntries,
  readLedger,
  recordKeptEntries,
  writeBlock,
  writeBlocks,
} from '../../active-response/ledger.ts';
import { EX } from '../../base/errors.ts';
import { refuses, temporaryDirectory } from './support.ts';

const emptyHome = (): Home => homeAt(temporaryDirectory());

const blockOf = (address: string, some: Partial<Block> = {}): Block => ({
  address,
  response: 'route-null',
  backend: 'route',
  since: '2026-11-20T09:00:00.000Z',
  until: '2026-11-20T10:00:00.000Z',
  offence: 1,
  rule: '31151',
  alert: '1795166136.16',
  location: '/var/log/apache2/access.log',
  ...some,
});

const fileOf = (home: Home, name: string) => join(home.blocks, 'route-null', name);

test('reads a block back unchanged', () => {
  const home = emptyHome();
  for (const address of ['203.0.113.9', '2001:db8::9', '198.51.100.0/24', '2001:db8::/48']) {
    const block = blockOf(address, { until: null, failed: 'nft: no' });
    writeBlock(home, block);
    assert.equal(readBlock(home, 'route-null', address), block);
  }
});

test('returns undefined for an address that is not in the ledger', () => {
  const home = emptyHome();
  assert.is(readBlock(home, 'route-null', '203.0.113.9'), undefined);
  assert.is(readEnded(home, 'route-null', '203.0.113.9'), undefined);
});

test('separates the blocks of responses', () => {
  const home = emptyHome();
  writeBlock(home, blockOf('203.0.113.9'));
  assert.is(readBlock(home, 'firewall-drop', '203.0.113.9'), undefined);
  assert.equal(blockedAddresses(home, 'firewall-drop'), []);
});

test('writes a block as one line in a small file, whose name has no slash', () => {
  const home = emptyHome();
  writeBlock(home, blockOf('203.0.113.9'));
  writeBlock(home, blockOf('198.51.100.0/24'));
  writeBlock(home, blockOf('2001:db8::/32'));
  assert.equal(readdirSync(join(home.blocks, 'route-null')).sort(), [
    '198.51.100.0_24.json',
    '2001:db8::_32.json',
    '203.0.113.9.json',
  ]);
  assert.match(readFileSync(fileOf(home, '203.0.113.9.json'), 'utf8'), /^\{.*\}\n$/);
});

test('replaces a block at the second write', () => {
  const home = emptyHome();
  writeBlock(home, blockOf('203.0.113.9'));
  writeBlock(home, blockOf('203.0.113.9', { offence: 2 }));
  assert.is(readBlock(home, 'route-null', '203.0.113.9')?.offence, 2);
  assert.equal(readdirSync(join(home.blocks, 'route-null')), ['203.0.113.9.json']);
});

test('lists the addresses, prefixes with their slash', () => {
  const home = emptyHome();
  const addresses = ['198.51.100.0/24', '2001:db8::/32', '2001:db8::9', '203.0.113.9'];
  for (const address of addresses) writeBlock(home, blockOf(address));
  assert.equal(blockedAddresses(home, 'route-null').sort(), addresses);
});

test('lists nothing in an empty ledger', () => {
  assert.equal(blockedAddresses(emptyHome(), 'route-null'), []);
});

test('does not list temporary and foreign files', () => {
  const home = emptyHome();
  writeBlock(home, blockOf('203.0.113.9'));
  for (const name of ['.203.0.113.8.json.4711.tmp', '.203.0.113.8.json', 'README', '203.0.113.7.json.bak'])
    writeFileSync(fileOf(home, name), '{}');
  assert.equal(blockedAddresses(home, 'route-null'), ['203.0.113.9']);
});

test('lists addresses without reading the files', () => {
  const home = emptyHome();
  writeBlock(home, blockOf('203.0.113.9'));
  writeFileSync(fileOf(home, '203.0.113.8.json'), 'damaged');
  assert.equal(blockedAddresses(home, 'route-null').sort(), ['203.0.113.8', '203.0.113.9']);
});

test('moves an ended block out of the ledger, and keeps it to count offences', () => {
  const home = emptyHome();
  const block = blockOf('198.51.100.0/24', { offence: 3 });
  writeBlock(home, block);
  assert.is(endBlock(home, 'route-null', '198.51.100.0/24'), true);
  assert.is(readBlock(home, 'route-null', '198.51.100.0/24'), undefined);
  assert.equal(blockedAddresses(home, 'route-null'), []);
  assert.equal(readEnded(home, 'route-null', '198.51.100.0/24'), block);
});

test('keeps only the last ended block', () => {
  const home = emptyHome();
  for (const offence of [1, 2]) {
    writeBlock(home, blockOf('203.0.113.9', { offence }));
    endBlock(home, 'route-null', '203.0.113.9');
  }
  assert.is(readEnded(home, 'route-null', '203.0.113.9')?.offence, 2);
});

test('returns false when no block exists to end', () => {
  const home = emptyHome();
  assert.is(endBlock(home, 'route-null', '203.0.113.9'), false);
  writeBlock(home, blockOf('203.0.113.9'));
  endBlock(home, 'route-null', '203.0.113.9');
  assert.is(endBlock(home, 'route-null', '203.0.113.9'), false);
});

test('removes an entry without a trace when the block never succeeded', () => {
  const home = emptyHome();
  writeBlock(home, blockOf('203.0.113.9'));
  amendBlock(home, blockOf('203.0.113.9'), undefined);
  assert.is(readBlock(home, 'route-null', '203.0.113.9'), undefined);
  assert.is(readEnded(home, 'route-null', '203.0.113.9'), undefined);
  amendBlock(home, blockOf('203.0.113.9'), undefined);
});

test('does not end an entry that another process has changed', () => {
  const home = emptyHome();
  const other = blockOf('203.0.113.9', { offence: 2 });
  writeBlock(home, other);
  amendBlock(home, blockOf('203.0.113.9'), undefined);
  amendBlock(home, blockOf('203.0.113.9'), blockOf('203.0.113.9', { failed: 'why' }));
  assert.is(readBlock(home, 'route-null', '203.0.113.9')?.offence, 2);
  assert.is(readBlock(home, 'route-null', '203.0.113.9')?.failed, undefined);
});

test('ends a block at its time, and never ends a block without a time', () => {
  const end = Date.parse('2026-11-20T10:00:00.000Z');
  assert.not(hasEnded(blockOf('203.0.113.9'), end - 1));
  assert.ok(hasEnded(blockOf('203.0.113.9'), end));
  assert.not(hasEnded(blockOf('203.0.113.9', { until: null }), end + 1e12));
});

const DAMAGED = /203\.0\.113\.9\.json is damaged/;

function damage(text: string): Home {
  const home = emptyHome();
  mkdirSync(dirname(fileOf(home, 'x')), { recursive: true });
  writeFileSync(fileOf(home, '203.0.113.9.json'), text);
  return home;
}

test('names a damaged file', () => {
  for (const text of ['', '{"address":"203.0.113.9"', '\0\0\0\0', 'x'])
    refuses(
      () => readBlock(damage(text), 'route-null', '203.0.113.9'),
      EX.IOERR,
      DAMAGED,
      JSON.stringify(text),
    );
});

test('returns the entries of a ledger that was read before, except damaged and ended entries', () => {
  const [present, ended, damaged, none] = ['203.0.113.7', '203.0.113.8', '203.0.113.9', '203.0.113.10'];
  const home = damage('x');
  for (const address of [present, ended]) writeBlock(home, blockOf(address));
  endBlock(home, 'route-null', ended);
  const known = knownEntries(home, 'route-null', readLedger(home, 'route-null'));
  for (const address of [present, none])
    assert.equal(known(address), readEntries(home, 'route-null', address), address);
  for (const address of [ended, damaged]) assert.is(known(address), undefined, address);
});

test('returns true only if the file of an entry contains exactly this block', () => {
  const home = emptyHome();
  const block = blockOf('203.0.113.9', { note: 'Ä' });
  const reader = blockReader(home, 'route-null');
  assert.is(reader.holds(block), false);
  writeBlock(home, block);
  assert.is(reader.holds(block), true);
  assert.is(reader.holds({ ...block, note: 'B' }), false);
  endBlock(home, 'route-null', block.address);
  assert.is(reader.holds(block), false);
});

for (const taking of ['create', 'leave'] as const)
  test(`keeps an entry that another process writes between a failed write and its retry: ${taking}`, async () => {
    const home = emptyHome();
    const meanwhile = blockOf('203.0.113.9', { until: null });
    const inTheWay = join(home.blocks, 'route-null');
    mkdirSync(home.blocks, { recursive: true });
    writeFileSync(inTheWay, '');
    const { failed, left } = await writeBlocks(home, [blockOf('203.0.113.9')], () => () => {
      rmSync(inTheWay);
      writeBlock(home, meanwhile);
      return taking;
    });
    assert.equal(readBlock(home, 'route-null', '203.0.113.9'), meanwhile);
    assert.equal([[...failed.keys()], [...left]], [[], ['203.0.113.9']]);
  });

/** Writes blocks whose entries share a file. @returns the file's text */
async function written(home: Home, ...blocks: readonly Block[]): Promise<string> {
  assert.equal(await writeBlocks(home, blocks), { failed: new Map(), left: new Set() });
  const [first, ...others] = blocks.map(({ address }) => entryFile(home, address));
  for (const other of others) assert.is(statSync(other).ino, statSync(first ?? '').ino);
  return readFileSync(first ?? '', 'utf8');
}

const entryFile = (home: Home, address: string) => fileOf(home, `${address.replace('/', '_')}.json`);

const TOGETHER = ['203.0.113.9', '2001:db8::/64', '203.0.113.10'].map((address) =>
  blockOf(address, { note: '"address":"203.0.113.10"}\n{"address":"203.0.113.10"' }),
);

test('writes entries together into one file, and reads each entry back', async () => {
  const home = emptyHome();
  const text = await written(home, ...TOGETHER);
  assert.is(text, TOGETHER.map((block) => `${JSON.stringify(block)}\n`).join(''));
  for (const block of TOGETHER) assert.equal(readBlock(home, 'route-null', block.address), block);
  const byAddress = (a: Block, b: Block) => (a.address < b.address ? -1 : 1);
  assert.equal([...readLedger(home, 'route-null').blocks].sort(byAddress), [...TOGETHER].sort(byAddress));
  const reader = blockReader(home, 'route-null');
  for (const block of TOGETHER) assert.ok(reader.holds(block) && !reader.holds({ ...block, offence: 7 }));
});

test('renews and ends single entries of a shared file, and keeps the others', async () => {
  const home = emptyHome();
  const [first, second, third] = TOGETHER as [Block, Block, Block];
  const text = await written(home, ...TOGETHER);
  const renewed = { ...first, offence: 2 };
  writeBlock(home, renewed);
  assert.ok(endBlock(home, 'route-null', second.address));
  const { address } = third;
  assert.equal(readBlock(home, 'route-null', address), third);
  assert.is(readFileSync(entryFile(home, address), 'utf8'), text);
  assert.equal(readBlock(home, 'route-null', first.address), renewed);
  assert.is(readBlock(home, 'route-null', second.address), undefined);
  assert.equal(readEnded(home, 'route-null', second.address), second);
});

test('replaces entries of a shared file together, and at their end replaces earlier ended entries', async () => {
  const home = emptyHome();
  await written(home, ...TOGETHER);
  for (const { address } of TOGETHER) endBlock(home, 'route-null', address);
  const again = TOGETHER.map((block) => ({ ...block, offence: 2 }));
  await written(home, ...again);
  await written(home, ...again.map((block) => ({ ...block, offence: 3 })));
  for (const { address } of TOGETHER) assert.ok(endBlock(home, 'route-null', address));
  assert.equal(readLedger(home, 'route-null').blocks, []);
  for (const { address } of TOGETHER) assert.is(readEnded(home, 'route-null', address)?.offence, 3);
});

test('limits a shared file to 4096 bytes, and writes longer entries to files of their own', async () => {
  const home = emptyHome();
  const blocks = Array.from({ length: 100 }, (_, index) => blockOf(`203.0.113.${index}`));
  await writeBlocks(home, blocks);
  const files = new Map(
    blocks.map(({ address }) => statSync(entryFile(home, address))).map(({ ino, size }) => [ino, size]),
  );
  assert.ok(files.size < 10 && [...files.values()].every((size) => size <= 4096));
  const long = TOGETHER.map((block) => ({ ...block, note: 'x'.repeat(5000) }));
  assert.equal(await writeBlocks(home, long), { failed: new Map(), left: new Set() });
  for (const block of long) assert.equal(readBlock(home, 'route-null', block.address), block);
});

test('reports only the entry of a damaged line as damaged', async () => {
  const home = emptyHome();
  const text = await written(home, ...TOGETHER);
  writeFileSync(entryFile(home, '203.0.113.9'), text.replace('"203.0.113.9"', '"203.0.113.9'));
  refuses(() => readBlock(home, 'route-null', '203.0.113.9'), EX.IOERR, DAMAGED);
  assert.equal(readBlock(home, 'route-null', '203.0.113.10'), TOGETHER[2]);
  const { blocks, damaged } = readLedger(home, 'route-null');
  assert.equal([blocks.length, damaged.map(({ address }) => address)], [2, ['203.0.113.9']]);
});

test('reads an entry that a person has formatted', () => {
  const home = emptyHome();
  const block = blockOf('203.0.113.9', { origins: { list: null } });
  writeBlock(home, block);
  const text = JSON.stringify(block, undefined, 2);
  for (const formatted of [text, text.replace('"origins": {', '"origins":\n{')]) {
    writeFileSync(entryFile(home, '203.0.113.9'), formatted);
    assert.equal(readBlock(home, 'route-null', '203.0.113.9'), block);
  }
});

test('reads lines of a shared file that a person has formatted', async () => {
  const home = emptyHome();
  await written(home, ...TOGETHER);
  const lines = TOGETHER.map(({ address, ...rest }) => JSON.stringify({ ...rest, address }));
  writeFileSync(entryFile(home, ADDRESS), lines.join('\n'));
  for (const block of TOGETHER) assert.equal(readBlock(home, 'route-null', block.address), block);
});

test('treats JSON without a block as damaged', () => {
  for (const text of ['null', '[]', '"203.0.113.9"', '7', '{}', '{"address":"203.0.113.9"}'])
    refuses(() => readBlock(damage(text), 'route-null', '203.0.113.9'), EX.IOERR, DAMAGED, text);
});

test('throws an error, and does not return false, when it cannot end a block', () => {
  const home = emptyHome();
  writeBlock(home, blockOf('203.0.113.9'));
  writeFileSync(home.ended, 'in the way');
  refuses(
    () => endBlock(home, 'route-null', '203.0.113.9'),
    EX.IOERR,
    /^cannot make \/.*\/ended\/route-null: .*(?:not a directory|in the way)/,
  );
});

test('names the file when the ledger cannot be written', () => {
  const home = emptyHome();
  mkdirSync(join(fileOf(home, '203.0.113.9.json'), 'in the way'), { recursive: true });
  refuses(
    () => writeBlock(home, blockOf('203.0.113.9')),
    EX.IOERR,
    /^cannot write \/.*203\.0\.113\.9\.json: /,
  );
});

const ADDRESS = '203.0.113.9';

test('ends a block only if the given check accepts its entry', () => {
  const home = emptyHome();
  writeBlock(home, blockOf(ADDRESS));
  assert.equal(
    endBlockIf(home, 'route-null', ADDRESS, () => false),
    { hasEnded: false },
  );
  assert.ok(readBlock(home, 'route-null', ADDRESS));
  assert.equal(
    endBlockIf(home, 'route-null', ADDRESS, ({ offence }) => offence === 1),
    { hasEnded: true },
  );
  assert.is(readBlock(home, 'route-null', ADDRESS), undefined);
  assert.equal(
    endBlockIf(home, 'route-null', ADDRESS, () => true),
    { hasEnded: false },
  );
});

test('puts back an entry that another process wrote after the check', () => {
  const home = emptyHome();
  writeBlock(home, blockOf(ADDRESS));
  const newer = blockOf(ADDRESS, { isOwn: true });
  const isFirst = ({ isOwn }: Block) => {
    if (!isOwn) writeBlock(home, newer);
    return !isOwn;
  };
  assert.equal(endBlockIf(home, 'route-null', ADDRESS, isFirst), { hasEnded: false, putBack: newer });
  assert.equal(readBlock(home, 'route-null', ADDRESS), newer);
});

test('keeps an even newer entry, and does not put the older entry back', () => {
  const home = emptyHome();
  writeBlock(home, blockOf(ADDRESS));
  const newest = blockOf(ADDRESS, { isOwn: true, note: 'the newest' });
  let looks = 0;
  const isFirst = ({ isOwn }: Block) => {
    looks++;
    writeBlock(home, looks === 1 ? blockOf(ADDRESS, { isOwn: true }) : newest);
    return !isOwn;
  };
  endBlockIf(home, 'route-null', ADDRESS, isFirst);
  assert.equal(readBlock(home, 'route-null', ADDRESS), newest);
});

/** Writes an entry with a file time this many seconds ago. */
function writeAged(home: Home, kind: 'blocks' | 'ended', block: Block, secondsAgo: number): void {
  writeBlock(home, block);
  if (kind === 'ended') endBlock(home, block.response, block.address);
  const time = Date.now() / 1000 - secondsAgo;
  utimesSync(join(home[kind], 'route-null', `${block.address}.json`), time, time);
}

test('records the entries that were kept in memory', () => {
  const [home, memory] = [emptyHome(), emptyHome()];
  const [kept, ended] = [blockOf(ADDRESS, { offence: 2 }), blockOf('203.0.113.8')];
  writeAged(home, 'blocks', blockOf(ADDRESS), 60);
  writeAged(home, 'blocks', ended, 60);
  writeAged(memory, 'blocks', kept, 30);
  writeAged(memory, 'ended', ended, 30);
  assert.is(recordKeptEntries(home, memory), 2);
  assert.equal(readBlock(home, 'route-null', ADDRESS), kept);
  assert.equal(readEnded(home, 'route-null', ended.address), ended);
  assert.is(readBlock(home, 'route-null', ended.address), undefined);
  assert.is(recordKeptEntries(home, memory), 0);
});

test('keeps entries on the disk that are newer than the entries in memory', () => {
  const [home, memory] = [emptyHome(), emptyHome()];
  const newer = blockOf(ADDRESS, { offence: 2 });
  const renewed = blockOf('203.0.113.8', { offence: 2 });
  writeAged(memory, 'blocks', blockOf(ADDRESS), 60);
  writeAged(memory, 'ended', blockOf(renewed.address), 60);
  writeAged(home, 'blocks', newer, 30);
  writeAged(home, 'blocks', renewed, 30);
  recordKeptEntries(home, memory);
  assert.equal(readBlock(home, 'route-null', ADDRESS), newer);
  assert.equal(readBlock(home, 'route-null', renewed.address), renewed);
  assert.is(recordKeptEntries(home, memory), 0);
});

test('sets aside a file that is not an entry when it records the entry from memory', () => {
  const [home, memory] = [emptyHome(), emptyHome()];
  writeAged(memory, 'blocks', blockOf(ADDRESS), 30);
  mkdirSync(fileOf(home, `${ADDRESS}.json`), { recursive: true });
  recordKeptEntries(home, memory);
  assert.equal(readBlock(home, 'route-null', ADDRESS), blockOf(ADDRESS));
  assert.is(readdirSync(join(home.data, 'damaged/route-null')).length, 1);
});

test('removes an older entry from the disk when its renewed block has ended in memory', () => {
  const [home, memory] = [emptyHome(), emptyHome()];
  const renewed = blockOf(ADDRESS, { offence: 2 });
  writeAged(home, 'blocks', blockOf(ADDRESS), 60);
  writeAged(memory, 'ended', renewed, 30);
  recordKeptEntries(home, memory);
  assert.is(readBlock(home, 'route-null', ADDRESS), undefined);
  assert.equal(readEnded(home, 'route-null', ADDRESS), renewed);
});

test.run();
