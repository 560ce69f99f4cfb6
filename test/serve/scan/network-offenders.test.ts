import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { homeAt } from '../../../active-response/home.ts';
import type { Block } from '../../../active-response/ledger.ts';
import { loadSettings } from '../../../active-response/settings/load.ts';
import { SourceGuard } from '../../../evaluate/source-guard.ts';
import { REPORT_LOCATION } from '../../../serve/report-location.ts';
import { NetworkOffenders, type OffendersLedger } from '../../../serve/scan/network-offenders.ts';
import { temporaryDirectory } from '../../active-response/support.ts';

const test = suite('network offenders');
const NOW = Date.parse('2026-11-20T09:00:00Z');
const LATER = '2026-11-21T09:00:00Z';
const newGuard = () =>
  new SourceGuard({ home: homeAt(temporaryDirectory()), settings: loadSettings([], new Map()), env: {} });

/** A block that riposte serve has made for a line of a log. */
const block = (address: string, some: Partial<Block> = {}): Block => ({
  address,
  until: LATER,
  response: 'firewall-drop',
  backend: 'nftables',
  since: '2026-11-20T08:00:00Z',
  offence: 1,
  rule: '117010',
  location: '/var/log/apache2/access.log',
  ...some,
});

const ledgerOf = (blocks: readonly Block[]): OffendersLedger => ({
  all: () => blocks,
  of: (address) => blocks.find((each) => each.address === address),
});

const detection = (address: string) => ({ address, time: NOW / 1000 });

/** Blocks these sources in turn. @returns the prefix length that is chosen for each source */
function prefixes(after: number, sources: readonly string[], guard = newGuard()): (number | undefined)[] {
  const blocks: Block[] = [];
  const offenders = new NetworkOffenders(after, guard, ledgerOf(blocks));
  return sources.map((address) => {
    const prefix = offenders.prefixFor(detection(address), NOW);
    const made = block(guard.networkOf(address));
    blocks.push(made);
    offenders.blocked(made);
    return prefix;
  });
}

test('chooses the /24 for the third source in that /24, and for no other source', () => {
  const sources = ['203.0.113.1', '203.0.113.2', '203.0.114.3', '203.0.113.2', '203.0.113.4'];
  assert.equal(prefixes(3, sources), [undefined, undefined, undefined, undefined, 24]);
});

test('chooses the /48 for a source in the second /64 of that /48, and counts each /64 once', () => {
  const sources = ['2001:db8:1:2::1', '2001:db8:1:2::9', '2001:db8:2:3::1', '2001:db8:1:3::1'];
  assert.equal(prefixes(2, sources), [undefined, undefined, undefined, 48]);
});

test('chooses no network when the setting is off, and for a text that is not an address', () => {
  assert.equal(prefixes(0, ['203.0.113.1', '203.0.113.2']), [undefined, undefined]);
  assert.equal(prefixes(2, ['host.example', '-', '203.0.113.0/24']), [undefined, undefined, undefined]);
});

test('chooses no network that holds a CDN’s proxies or a shared source', () => {
  assert.equal(prefixes(2, ['173.245.48.1', '173.245.48.2']), [undefined, undefined]);
  const guard = newGuard();
  for (let i = 0; i < 1100; i++)
    guard.shared.note(
      '203.0.113.200',
      { userAgent: `Client/${i % 20}`, status: '200' },
      NOW / 1000 - 4400 + i * 4,
      NOW / 1000 - 4400,
    );
  assert.equal(prefixes(2, ['203.0.113.1', '203.0.113.2'], guard), [undefined, undefined]);
});

test('counts the blocks of the ledger that are not over', () => {
  const offenders = new NetworkOffenders(
    3,
    newGuard(),
    ledgerOf([
      block('203.0.113.1'),
      block('203.0.113.2', { until: '2026-11-20T08:59:59Z' }),
      block('203.0.113.0/24'),
      block('198.51.100.1', { until: null }),
      block('198.51.100.2'),
      block('198.51.101.0/25'),
    ]),
  );
  assert.is(offenders.prefixFor(detection('198.51.100.9'), NOW), 24);
  assert.is(offenders.prefixFor(detection('198.51.101.9'), NOW), undefined);
});

for (const [what, some] of [
  ['the hook’s reports', { location: REPORT_LOCATION }],
  ['an operator’s blocks', { isOwn: true }],
  ['a manager’s blocks', { alert: '1795166136.16' }],
  ['failed blocks', { failed: 'no nft' }],
] as const)
  test(`does not count ${what}`, () => {
    const blocks = [block('203.0.113.1'), block('203.0.113.2', some), block('203.0.113.3', some)];
    const offenders = new NetworkOffenders(3, newGuard(), ledgerOf(blocks));
    assert.is(offenders.prefixFor(detection('203.0.113.9'), NOW), undefined);
  });

test('does not count a source that has no block yet', () => {
  const offenders = new NetworkOffenders(2, newGuard(), ledgerOf([]));
  for (const last of [1, 2, 3, 4])
    assert.is(offenders.prefixFor(detection(`203.0.113.${last}`), NOW), undefined);
});

test('does not count a block that has ended early or that an operator has changed', () => {
  const blocks = [block('203.0.113.1'), block('203.0.113.2')];
  const offenders = new NetworkOffenders(3, newGuard(), ledgerOf(blocks));
  blocks.splice(0, 2, block('203.0.113.1', { isOwn: true }));
  assert.is(offenders.prefixFor(detection('203.0.113.9'), NOW), undefined);
});

test('chooses the network for its sources only while the network is blocked', () => {
  const blocks = [block('203.0.113.0/24')];
  const offenders = new NetworkOffenders(3, newGuard(), ledgerOf(blocks));
  assert.is(offenders.prefixFor(detection('203.0.113.9'), NOW), 24);
  blocks.pop();
  assert.is(offenders.prefixFor(detection('203.0.113.9'), NOW), undefined);
});

test('defers each source that brings its network to the limit, and no other source', () => {
  const offenders = new NetworkOffenders(3, newGuard(), ledgerOf([block('198.51.100.1')]));
  const all = [
    '203.0.113.1',
    '203.0.113.2',
    '203.0.113.3',
    '192.0.2.1',
    '198.51.100.2',
    '198.51.100.3',
    '173.245.48.1',
    '173.245.48.2',
    '173.245.48.3',
  ].map(detection);
  const [first, later] = offenders.split(all, NOW);
  assert.equal(
    later.map(({ address }) => address),
    ['203.0.113.3', '198.51.100.3'],
  );
  assert.is(first.length, 7);
});

test('defers no source when the network is blocked already or the setting is off', () => {
  const all = ['203.0.113.1', '203.0.113.2', '203.0.113.3'].map(detection);
  for (const [after, blocks] of [
    [0, []],
    [2, [block('203.0.113.200')]],
    [2, [block('203.0.113.0/24')]],
  ] as const)
    assert.equal(new NetworkOffenders(after, newGuard(), ledgerOf(blocks)).split(all, NOW), [all, []]);
});

test.run();
