import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { flavours } from '../../active-response/backend/apache/flavours.ts';
import { type Home, homeAt } from '../../active-response/home.ts';
import { type Block, writeBlock } from '../../active-response/ledger.ts';
import { listBlocks } from '../../active-response/list-blocks.ts';
import { settingsWith, temporaryDirectory } from './support.ts';

const response = { name: 'apache-deny', summary: '', backends: flavours, choose: () => 'map' };

const contextOf = (home: Home) => ({ response, home, settings: settingsWith(), env: {}, dryRun: undefined });

function scene() {
  const home = homeAt(temporaryDirectory());
  mkdirSync(home.apache, { recursive: true });
  return {
    home,
    write: (some: Partial<Block> & { address: string }) =>
      writeBlock(home, {
        response: 'apache-deny',
        backend: 'map',
        since: '2026-11-20T09:00:00.123Z',
        until: null,
        offence: 1,
        ...some,
      }),
    /** The rows, sorted, with one space between cells. */
    rows: () => {
      const [header = '', ...rows] = listBlocks(contextOf(home)).split('\n');
      return { header, rows: rows.map((row) => row.replace(/ +/g, ' ')).sort() };
    },
  };
}

test('prints a sentence when the ledger is empty', () => {
  assert.is(listBlocks(contextOf(scene().home)), 'apache-deny blocks nobody.');
});

test('prints whether each block is in force in its own backend', () => {
  const it = scene();
  it.write({ address: '203.0.113.9', until: '2126-11-20T10:00:00.456Z', offence: 2, rule: '31151' });
  it.write({ address: '203.0.113.10' });
  it.write({ address: '198.51.100.0/24', backend: 'apache24' });
  writeFileSync(join(it.home.apache, 'deny.map'), '\n203.0.113.9 deny\n#03.0.113.10 deny\n');
  writeFileSync(join(it.home.apache, 'deny.apache24.conf'), 'Require not ip 198.51.100.0/24\n');
  assert.equal(it.rows().rows, [
    '198.51.100.0/24 apache24 yes 2026-11-20T09:00:00 - 1 -',
    '203.0.113.10 map NO 2026-11-20T09:00:00 - 1 -',
    '203.0.113.9 map yes 2026-11-20T09:00:00 2126-11-20T10:00:00 2 31151',
  ]);
});

test('prints “over” for a block whose time has passed, in force or not', () => {
  const it = scene();
  it.write({ address: '203.0.113.9', until: '2026-11-20T09:10:00.000Z' });
  assert.match(it.rows().rows[0] ?? '', '203.0.113.9 map over ');
});

test('makes the columns as wide as their widest cell', () => {
  const it = scene();
  it.write({ address: '2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff' });
  const [header = '', row = ''] = listBlocks(contextOf(it.home)).split('\n');
  assert.is(header.indexOf('IN FORCE'), row.indexOf('NO'));
  assert.is(row[header.indexOf('OFFENCE')], '1');
});

test('prints a row for a damaged file, and all other rows', () => {
  const it = scene();
  it.write({ address: '203.0.113.9' });
  writeFileSync(join(it.home.blocks, 'apache-deny/203.0.113.10.json'), '');
  assert.equal(it.rows().rows, [
    '203.0.113.10 ? DAMAGED - - - -',
    '203.0.113.9 map NO 2026-11-20T09:00:00 - 1 -',
  ]);
});

test.run();
