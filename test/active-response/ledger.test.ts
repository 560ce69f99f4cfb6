import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EX } from '../../active-response/errors.ts';
import { type Home, homeAt } from '../../active-response/home.ts';
import {
  type Block,
  blockedAddresses,
  dropBlock,
  endBlock,
  hasEnded,
  readBlock,
  readEnded,
  writeBlock,
} from '../../active-response/ledger.ts';
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

test('a block reads back as it was written', () => {
  const home = emptyHome();
  for (const address of ['203.0.113.9', '2001:db8::9', '198.51.100.0/24', '2001:db8::/48']) {
    const block = blockOf(address, { until: null, failed: 'nft: no' });
    writeBlock(home, block);
    assert.equal(readBlock(home, 'route-null', address), block);
  }
});

test('an address that is not in the ledger is undefined', () => {
  const home = emptyHome();
  assert.is(readBlock(home, 'route-null', '203.0.113.9'), undefined);
  assert.is(readEnded(home, 'route-null', '203.0.113.9'), undefined);
});

test('responses do not see each other’s blocks', () => {
  const home = emptyHome();
  writeBlock(home, blockOf('203.0.113.9'));
  assert.is(readBlock(home, 'firewall-drop', '203.0.113.9'), undefined);
  assert.equal(blockedAddresses(home, 'firewall-drop'), []);
});

test('a block is one small file of one line, and a prefix has no slash in its name', () => {
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

test('a second write takes the place of the first', () => {
  const home = emptyHome();
  writeBlock(home, blockOf('203.0.113.9'));
  writeBlock(home, blockOf('203.0.113.9', { offence: 2 }));
  assert.is(readBlock(home, 'route-null', '203.0.113.9')?.offence, 2);
  assert.equal(readdirSync(join(home.blocks, 'route-null')), ['203.0.113.9.json']);
});

test('the addresses are listed, prefixes with their slash', () => {
  const home = emptyHome();
  const addresses = ['198.51.100.0/24', '2001:db8::/32', '2001:db8::9', '203.0.113.9'];
  for (const address of addresses) writeBlock(home, blockOf(address));
  assert.equal(blockedAddresses(home, 'route-null').sort(), addresses);
});

test('listing an empty ledger is an empty list', () => {
  assert.equal(blockedAddresses(emptyHome(), 'route-null'), []);
});

test('temporary files, and files of others, are not listed', () => {
  const home = emptyHome();
  writeBlock(home, blockOf('203.0.113.9'));
  for (const name of ['.203.0.113.8.json.4711.tmp', '.203.0.113.8.json', 'README', '203.0.113.7.json.bak'])
    writeFileSync(fileOf(home, name), '{}');
  assert.equal(blockedAddresses(home, 'route-null'), ['203.0.113.9']);
});

test('listing does not read the files', () => {
  const home = emptyHome();
  writeBlock(home, blockOf('203.0.113.9'));
  writeFileSync(fileOf(home, '203.0.113.8.json'), 'damaged');
  assert.equal(blockedAddresses(home, 'route-null').sort(), ['203.0.113.8', '203.0.113.9']);
});

test('ending takes a block out of the ledger and keeps it for its offence', () => {
  const home = emptyHome();
  const block = blockOf('198.51.100.0/24', { offence: 3 });
  writeBlock(home, block);
  assert.is(endBlock(home, 'route-null', '198.51.100.0/24'), true);
  assert.is(readBlock(home, 'route-null', '198.51.100.0/24'), undefined);
  assert.equal(blockedAddresses(home, 'route-null'), []);
  assert.equal(readEnded(home, 'route-null', '198.51.100.0/24'), block);
});

test('the last block that has ended is the one that is kept', () => {
  const home = emptyHome();
  for (const offence of [1, 2]) {
    writeBlock(home, blockOf('203.0.113.9', { offence }));
    endBlock(home, 'route-null', '203.0.113.9');
  }
  assert.is(readEnded(home, 'route-null', '203.0.113.9')?.offence, 2);
});

test('ending what is not there says so', () => {
  const home = emptyHome();
  assert.is(endBlock(home, 'route-null', '203.0.113.9'), false);
  writeBlock(home, blockOf('203.0.113.9'));
  endBlock(home, 'route-null', '203.0.113.9');
  assert.is(endBlock(home, 'route-null', '203.0.113.9'), false);
});

test('a block that never came about is taken back without a trace', () => {
  const home = emptyHome();
  writeBlock(home, blockOf('203.0.113.9'));
  dropBlock(home, blockOf('203.0.113.9'));
  assert.is(readBlock(home, 'route-null', '203.0.113.9'), undefined);
  assert.is(readEnded(home, 'route-null', '203.0.113.9'), undefined);
  dropBlock(home, blockOf('203.0.113.9'));
});

test('a block ends at its time, and one without a time does not', () => {
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

test('a damaged file is an error that names it', () => {
  for (const text of ['', '{"address":"203.0.113.9"', '\0\0\0\0', 'x'])
    refuses(
      () => readBlock(damage(text), 'route-null', '203.0.113.9'),
      EX.IOERR,
      DAMAGED,
      JSON.stringify(text),
    );
});

test('a file with JSON that is no block is damaged, too', () => {
  for (const text of ['null', '[]', '"203.0.113.9"', '7', '{}', '{"address":"203.0.113.9"}'])
    refuses(() => readBlock(damage(text), 'route-null', '203.0.113.9'), EX.IOERR, DAMAGED, text);
});

test('a block that cannot be ended is an error, and not one that was never there', () => {
  const home = emptyHome();
  writeBlock(home, blockOf('203.0.113.9'));
  writeFileSync(home.ended, 'in the way');
  refuses(
    () => endBlock(home, 'route-null', '203.0.113.9'),
    EX.IOERR,
    /^cannot make \/.*\/ended\/route-null: .*(?:not a directory|in the way)/,
  );
});

test('a ledger that cannot be written is an error that names the file', () => {
  const home = emptyHome();
  mkdirSync(join(fileOf(home, '203.0.113.9.json'), 'in the way'), { recursive: true });
  refuses(
    () => writeBlock(home, blockOf('203.0.113.9')),
    EX.IOERR,
    /^cannot write \/.*203\.0\.113\.9\.json: /,
  );
});

test.run();
