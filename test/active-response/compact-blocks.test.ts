import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compacted, expanded } from '../../active-response/compact-blocks.ts';
import type { Block } from '../../active-response/ledger.ts';

const BLOCK: Block = {
  address: '203.0.113.7',
  response: 'firewall-drop',
  backend: 'nftables',
  since: '2026-11-29T10:00:00.000Z',
  until: '2026-11-30T10:00:00.000Z',
  offence: 1,
  rule: '117103',
  level: 12,
};

const BLOCKS: readonly Block[] = [
  BLOCK,
  { ...BLOCK, address: '203.0.113.8', until: null, severe: true },
  { ...BLOCK, address: '198.51.100.0/24', offence: 11 },
  { ...BLOCK, address: '2001:db8::/64', origins: { feed: null, crowdsec: '2026-12-01T00:00:00.000Z' } },
  { ...BLOCK, address: '192.0.2.1', note: '2026-11-29T10:00:00.000Z', failed: undefined },
];

/** The blocks in the form of an index file. */
const written = () => JSON.parse(JSON.stringify(compacted(BLOCKS)));

test('returns the same blocks, with their fields in the same order', () => {
  assert.is(JSON.stringify(expanded(written())), JSON.stringify(BLOCKS));
  assert.equal(expanded(compacted([])), []);
});

test('holds each value once', () => {
  const { values } = compacted(Array.from({ length: 100 }, () => BLOCK));
  assert.is(values.length, Object.keys(BLOCK).length - 1);
});

test('distinguishes values of different types that have the same text', () => {
  const blocks = [
    { ...BLOCK, rule: '1', level: 1 },
    { ...BLOCK, until: null, note: 'null' },
    { ...BLOCK, origins: { feed: null }, note: '{"feed":null}' },
  ];
  assert.equal(expanded(compacted(blocks)), blocks);
});

test('refuses a damaged form', () => {
  const damaged = [
    { ...written(), content: written().content.slice(0, -1) },
    { ...written(), content: [...written().content, 0] },
    { ...written(), addresses: written().addresses.slice(1) },
    { ...written(), addresses: [...written().addresses, '192.0.2.2'] },
    { ...written(), values: [] },
    { ...written(), forms: [] },
    { blocks: BLOCKS },
  ];
  for (const each of damaged) assert.throws(() => expanded(each as never));
});

test.run();
