import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Backend } from '../../../active-response/backend/backend.ts';
import { homeAt } from '../../../active-response/home.ts';
import { type Block, readBlock, writeBlock } from '../../../active-response/ledger.ts';
import type { ResponseContext } from '../../../active-response/request-context.ts';
import { REPORT_LOCATION } from '../../../serve/report-location.ts';
import { beyondCap, enforceCap } from '../../../serve/scan/block-cap.ts';
import { settingsWith, temporaryDirectory } from '../../active-response/support.ts';

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
  Array.from({ length: count }, (_, index) => own(`${index + 20}.18.0.1`, some));

const going = (blocks: readonly Block[], most: number): string[] =>
  beyondCap(blocks, most).map(({ address }) => address);

test('ends no block while the cap is not exceeded', () => {
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

test('ends blocks with the fewest offences first, and among them the block that would end first', () => {
  const twice = own('192.0.2.1', { offence: 2, until: '2026-11-20T10:00:00.000Z' });
  const soon = own('203.0.113.1', { until: '2026-11-20T10:00:00.000Z' });
  const never = own('198.51.100.1', { until: null });
  assert.equal(going([never, twice, soon, ...crowd(5, { offence: 3 })], 7), ['203.0.113.1']);
  assert.equal(going([never, twice, soon, ...crowd(5, { offence: 3 })], 6), ['203.0.113.1', '198.51.100.1']);
});

test('ends the blocks of one network that exceed its share, even severe blocks', () => {
  const flood = Array.from({ length: 8 }, (_, index) => own(`2001:db8:0:${index}::1`, { severe: true }));
  const gone = going([...flood, ...crowd(4)], 8);
  assert.is(gone.length, 4);
  assert.ok(gone.every((address) => address.startsWith('2001:db8:')));
});

test('ends the blocks of a /16 or /32 that exceed its share, even when each of its networks has only one block', () => {
  for (const flood of [
    Array.from({ length: 8 }, (_, index) => own(`198.18.${index}.1`, { severe: true })),
    Array.from({ length: 8 }, (_, index) => own(`2001:db8:${index}::1`, { severe: true })),
  ]) {
    const gone = going([...flood, ...crowd(4)], 8);
    assert.is(gone.length, 4);
    assert.ok(
      gone.every((address) => /^(198\.18|2001:db8)[.:]/.test(address)),
      `${gone}`,
    );
  }
});

test('ends the blocks of a /24 that exceed its share before the other blocks of the /16', () => {
  const narrow = Array.from({ length: 4 }, (_, index) => own(`198.18.0.${index}`, { severe: true }));
  const others = Array.from({ length: 2 }, (_, index) => own(`198.18.${index + 1}.1`));
  assert.ok(
    going([...others, ...narrow, ...crowd(4)], 8).every((address) => address.startsWith('198.18.0.')),
  );
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

/** A response whose backend only records the changes. */
function noting() {
  const changes: string[] = [];
  const backend: Backend = {
    name: 'nftables',
    apply: ({ verb, address }) => void changes.push(`${verb} ${address.text}`),
    list: () => new Map(),
  };
  const context: ResponseContext = {
    response: {
      name: 'firewall-drop',
      summary: '',
      backends: { nftables: () => backend },
      choose: () => 'nftables',
    },
    home: homeAt(temporaryDirectory()),
    settings: settingsWith(),
    env: {},
    dryRun: undefined,
  };
  return { changes, context };
}

test('ends the blocks that exceed the cap, in the ledger and in the backend', () => {
  const { changes, context } = noting();
  const blocks = crowd(3);
  for (const block of blocks) writeBlock(context.home, block);
  assert.equal(
    enforceCap(context, 2, () => {}, blocks),
    { count: 2, ended: 1 },
  );
  assert.equal(changes, ['unblock 20.18.0.1']);
  assert.is(readBlock(context.home, 'firewall-drop', '20.18.0.1'), undefined);
});

test('ends no block that an operator, a manager or an alert has changed since the decision', () => {
  for (const some of [{ isOwn: true }, { alert: '1795166136.16' }, { until: '2026-11-22T09:00:00.000Z' }]) {
    const { changes, context } = noting();
    const blocks = crowd(3);
    for (const block of blocks) writeBlock(context.home, block);
    const changed = own('20.18.0.1', some);
    writeBlock(context.home, changed);
    assert.equal(
      enforceCap(context, 2, () => {}, blocks),
      { count: 3, ended: 0 },
    );
    assert.equal(changes, []);
    assert.equal(readBlock(context.home, 'firewall-drop', '20.18.0.1'), changed);
  }
});

test.run();
