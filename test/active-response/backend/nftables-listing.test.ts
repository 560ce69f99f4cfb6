import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseListing, parseShape } from '../../../active-response/backend/nftables-listing.ts';

/** As `nft -j list table inet riposte` of nftables 1.0.6 prints rules. */
const rule = (chain: string, ...expr: object[]) => ({
  rule: { family: 'inet', table: 'riposte', chain, expr },
});
const lookUp = (set: string) => ({
  match: { op: '==', left: { payload: { protocol: 'ip', field: 'saddr' } }, right: `@${set}` },
});
const GOTO = { goto: { target: 'verdict' } };
const RULES = {
  verdict: rule('verdict', { counter: { packets: 0, bytes: 0 } }, { drop: null }),
  hosts4: rule('block', lookUp('blocked4'), GOTO),
  hosts6: rule('block', lookUp('blocked6'), GOTO),
  jump: rule('block', { jump: { target: 'prefixes' } }),
  guard4: rule('prefixes', lookUp('wide4'), { jump: { target: 'networks4' } }),
  guard6: rule('prefixes', lookUp('wide6'), { jump: { target: 'networks6' } }),
  networks4: rule('networks4', lookUp('network4_24'), GOTO),
  networks6: rule('networks6', lookUp('network6_48'), GOTO),
};
/** A set as nft lists it. */
const inTable = (set: object, table = 'riposte') => ({ set: { family: 'inet', table, ...set } });
const SETS = [
  { name: 'blocked4', elem: ['203.0.113.9'] },
  { name: 'blocked6', elem: ['2001:db8::9'] },
  { name: 'network4_24', elem: ['198.51.100.0'] },
  { name: 'network6_48', elem: ['2001:db8:1::'] },
  { name: 'wide4', elem: ['198.51.0.0'] },
  { name: 'wide6', elem: ['0:db8::'] },
].map((set) => inTable(set));
const ALL = ['203.0.113.9', '2001:db8::9', '198.51.100.0/24', '2001:db8:1::/48'];

const listed = (rules: object[], sets: object[] = SETS) => [
  ...parseListing(JSON.stringify({ nftables: [...rules, ...sets] })).keys(),
];
/** All rules except those with these names. */
const without = (...names: (keyof typeof RULES)[]) =>
  Object.entries(RULES).flatMap(([name, each]) => (names.includes(name as keyof typeof RULES) ? [] : each));

test('lists addresses and prefixes of all sets', () => {
  assert.equal(listed(Object.values(RULES)), ALL);
});

test('reads plain elements, and elements wrapped with time and counter', () => {
  const elem = [
    '203.0.113.8',
    { elem: { val: '203.0.113.9', timeout: 600, expires: 581, counter: { packets: 3, bytes: 180 } } },
    { elem: { val: '203.0.113.10', timeout: 600, expires: 581 } },
  ];
  const json = JSON.stringify({ nftables: [...Object.values(RULES), inTable({ name: 'blocked4', elem })] });
  assert.equal(
    [...parseListing(json)],
    [
      ['203.0.113.8', { packets: undefined, bytes: undefined }],
      ['203.0.113.9', { packets: 3, bytes: 180 }],
      ['203.0.113.10', { packets: undefined, bytes: undefined }],
    ],
  );
});

test('rewrites the C library’s spelling of an address in the canonical one', () => {
  assert.equal(listed(Object.values(RULES), [inTable({ name: 'blocked6', elem: ['::203.0.113.9'] })]), [
    '::cb00:7109',
  ]);
});

for (const [what, rules, left] of [
  ['no rules at all', [], []],
  ['an empty verdict', without('verdict'), []],
  ['no look-up of IPv4 hosts', without('hosts4'), ALL.slice(1)],
  ['no look-up of IPv6 hosts', without('hosts6'), [ALL[0], ...ALL.slice(2)]],
  ['no jump to the prefixes', without('jump'), ALL.slice(0, 2)],
  ['an empty chain of prefixes', without('guard4', 'guard6'), ALL.slice(0, 2)],
  ['no look-up of the guard of IPv6', without('guard6'), ALL.slice(0, 3)],
  ['empty chains of networks', without('networks4', 'networks6'), ALL.slice(0, 2)],
  ['one length of network without its rule', without('networks6'), ALL.slice(0, 3)],
  ['an empty base chain', without('hosts4', 'hosts6', 'jump'), []],
] as const) {
  test(`lists only the addresses that a rule looks up, with ${what}`, () => {
    assert.equal(listed([...rules]), [...left]);
  });
}

test('lists a network only when the guard set contains all its guard keys', () => {
  const rules = [...Object.values(RULES), rule('networks4', lookUp('network4_15'), GOTO)];
  const listedOf = (length: number, keys: string[]) =>
    listed(rules, [
      inTable({ name: `network4_${length}`, elem: ['198.48.0.0'] }),
      inTable({ name: 'wide4', elem: keys }),
    ]);
  assert.equal(listedOf(24, ['198.48.0.0', '203.0.0.0']), ['198.48.0.0/24']);
  assert.equal(listedOf(24, ['203.0.0.0']), []);
  assert.equal(listedOf(15, ['198.48.0.0', '198.49.0.0']), ['198.48.0.0/15']);
  assert.equal(listedOf(15, ['198.48.0.0']), []);
});

test('finds the guard key of each spelling of a network', () => {
  for (const [network, length, key] of [
    ['2001::', 32, '::'],
    ['2001:0:9::', 48, '::'],
    ['2001:0:9:1::', 64, '::'],
    ['2001:db8::', 32, '0:db8::'],
    ['64:ff9b::', 96, '0:ff9b::'],
    ['::203.0.113.0', 120, '::'],
    ['::1:0:0:7:0', 112, '::'],
    ['0:db8::', 64, '0:db8::'],
  ] as const) {
    const rules = [...Object.values(RULES), rule('networks6', lookUp(`network6_${length}`), GOTO)];
    const found = (elem: string[]) =>
      listed(rules, [
        inTable({ name: `network6_${length}`, elem: [network] }),
        inTable({ name: 'wide6', elem }),
      ]);
    assert.is(found([key]).length, 1, network);
    assert.is(found(['0:7::']).length, 0, network);
  }
});

test('lists a network of an earlier version, which has no guard', () => {
  const rules = [...Object.values(RULES), rule('prefixes', lookUp('blocked4_24'), GOTO)];
  const sets = [inTable({ name: 'blocked4_24', elem: ['198.51.100.0'] })];
  assert.equal(listed(rules, sets), ['198.51.100.0/24']);
  assert.equal(listed(Object.values(RULES), sets), []);
});

test('lists addresses when the verdict rejects, and none when it only counts', () => {
  const reject = rule('verdict', { reject: { type: 'icmpx', expr: 'host-unreachable' } });
  assert.equal(listed([...without('verdict'), reject]), ALL);
  assert.equal(listed([...without('verdict'), rule('verdict', { counter: null })]), []);
});

test('lists nothing for a missing or empty table', () => {
  assert.is(parseListing('').size, 0);
  assert.is(parseListing('{"nftables":[{"metainfo":{}}]}').size, 0);
});

test('ignores a set of another name in the table', () => {
  for (const name of ['allowed4', 'blocked4_old', 'my_blocked4'])
    assert.equal(
      listed(
        [...Object.values(RULES), rule('block', lookUp(name), GOTO)],
        [inTable({ name, elem: ['203.0.113.9'] })],
      ),
      [],
    );
});

test('ignores a set of other elements in the table', () => {
  const concat = [{ concat: [{ prefix: { addr: '203.0.113.0', len: 24 } }, 80] }];
  for (const elem of [[22, 80], concat])
    assert.equal(listed(Object.values(RULES), [...SETS, inTable({ name: 'admin', elem })]), ALL);
});

test('ignores sets and rules of other tables in a listing of the whole rule set', () => {
  const elsewhere = inTable({ name: 'blocked4', elem: ['203.0.113.9'] }, 'other');
  assert.equal(listed(Object.values(RULES), [elsewhere]), []);
  const rules = without('verdict').concat({
    rule: { ...RULES.verdict.rule, table: 'other' },
  } as (typeof RULES)['verdict']);
  assert.equal(listed(rules), []);
});

test('finds the table’s sets, and the sets that a rule looks up', () => {
  const { sets, ruled } = parseShape(
    JSON.stringify({ nftables: [...without('guard4', 'networks6'), ...SETS] }),
  );
  assert.ok(sets.has('network4_24') && sets.has('network6_48'));
  assert.equal([...ruled], ['network4_24', 'wide6']);
  assert.is(parseShape('').sets.size, 0);
});

test.run();
