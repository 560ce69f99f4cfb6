import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Block } from '../../../active-response/ledger.ts';
import { REPORT_LOCATION } from '../../../serve/report-location.ts';
import { beyondCap } from '../../../serve/scan/block-cap.ts';

/** A block that riposte serve has made. */
const own = (address: string, some: Partial<Block> = {}): Block => ({
  address,
  response: 'firewall-drop',
  backend: 'nftables',
  since: '2026-11-20T09:00:00.000Z',
  until: '2026-11-21T09:00:00.000Z',
  offence: 1,
  rule: '117010',
  location: '/var/log/apache2/access.log',
  ...some,
});

/** Addresses of different networks. */
const crowd = (count: number, some: Partial<Block> = {}): Block[] =>
  Array.from({ length: count }, (_, index) => own(`198.18.${index}.1`, some));

const going = (blocks: readonly Block[], most: number): string[] =>
  beyondCap(blocks, most).map(({ address }) => address);

test('ends nothing up to the cap', () => {
  assert.equal(going(crowd(10), 10), []);
});

test('ends reports first, and severe blocks last', () => {
  const severe = own('192.0.2.1', { severe: true });
  const report = own('203.0.113.1', { location: REPORT_LOCATION, offence: 5 });
  const detection = own('198.51.100.1');
  assert.equal(going([severe, detection, report, ...crowd(7, { severe: true })], 9), ['203.0.113.1']);
  assert.equal(going([severe, detection, report, ...crowd(7, { severe: true })], 8), [
    '203.0.113.1',
    '198.51.100.1',
  ]);
});

test('ends the fewest offences first, then the soonest end', () => {
  const twice = own('192.0.2.1', { offence: 2, until: '2026-11-20T10:00:00.000Z' });
  const soon = own('203.0.113.1', { until: '2026-11-20T10:00:00.000Z' });
  const never = own('198.51.100.1', { until: null });
  assert.equal(going([never, twice, soon, ...crowd(5, { offence: 3 })], 7), ['203.0.113.1']);
  assert.equal(going([never, twice, soon, ...crowd(5, { offence: 3 })], 6), ['203.0.113.1', '198.51.100.1']);
});

test('ends blocks of one network beyond its share, even severe ones', () => {
  const flood = Array.from({ length: 8 }, (_, index) => own(`2001:db8:0:${index}::1`, { severe: true }));
  const gone = going([...flood, ...crowd(4)], 8);
  assert.is(gone.length, 4);
  assert.ok(gone.every((address) => address.startsWith('2001:db8:')));
});

test('counts and ends no block of a manager or an operator', () => {
  const others = [
    own('192.0.2.1', { alert: '1795166136.16' }),
    own('192.0.2.2', { isOwn: true }),
    own('192.0.2.3', { rule: undefined }),
  ];
  assert.equal(going([...others, ...crowd(4)], 4), []);
  assert.equal(going([...others, ...crowd(5)], 4).length, 1);
});

test.run();
