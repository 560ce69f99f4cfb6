import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { homeAt } from '../../../active-response/home.ts';
import { loadSettings } from '../../../active-response/settings/load.ts';
import { SourceGuard } from '../../../evaluate/source-guard.ts';
import { NetworkOffenders } from '../../../serve/scan/network-offenders.ts';
import { temporaryDirectory } from '../../active-response/support.ts';

const test = suite('network offenders');
const NOW = Date.parse('2026-11-20T09:00:00Z');
const LATER = '2026-11-21T09:00:00Z';
const newGuard = () =>
  new SourceGuard({ home: homeAt(temporaryDirectory()), settings: loadSettings([], new Map()), env: {} });

/** The prefixes that are chosen for sources in turn. */
function prefixes(after: number, sources: readonly string[], guard = newGuard()): (number | undefined)[] {
  const offenders = new NetworkOffenders(after, guard, () => []);
  return sources.map((address) => {
    const prefix = offenders.prefixFor({ address, time: NOW / 1000 }, NOW);
    offenders.blocked(address, LATER);
    return prefix;
  });
}

test('raises the third source of a /24, and no other', () => {
  const sources = ['203.0.113.1', '203.0.113.2', '203.0.114.3', '203.0.113.2', '203.0.113.4'];
  assert.equal(prefixes(3, sources), [undefined, undefined, undefined, undefined, 24]);
});

test('raises the second /64 of a /48, and counts one /64 once', () => {
  const sources = ['2001:db8:1:2::1', '2001:db8:1:2::9', '2001:db8:2:3::1', '2001:db8:1:3::1'];
  assert.equal(prefixes(2, sources), [undefined, undefined, undefined, 48]);
});

test('raises nothing while it is off, and for a text that is not an address', () => {
  assert.equal(prefixes(0, ['203.0.113.1', '203.0.113.2']), [undefined, undefined]);
  assert.equal(prefixes(2, ['host.example', '-', '203.0.113.0/24']), [undefined, undefined, undefined]);
});

test('raises no network with a CDN’s proxies or a shared source', () => {
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
  const block = (address: string, until: string | null) => ({
    address,
    until,
    response: 'firewall-drop',
    backend: 'nftables',
    since: '2026-11-20T08:00:00Z',
    offence: 1,
  });
  const offenders = new NetworkOffenders(3, newGuard(), () => [
    block('203.0.113.1', LATER),
    block('203.0.113.2', '2026-11-20T08:59:59Z'),
    block('203.0.113.0/24', LATER),
    block('198.51.100.1', null),
    block('198.51.100.2', LATER),
  ]);
  assert.is(offenders.prefixFor({ address: '203.0.113.9', time: NOW / 1000 }, NOW), undefined);
  assert.is(offenders.prefixFor({ address: '198.51.100.9', time: NOW / 1000 }, NOW), 24);
});

test.run();
