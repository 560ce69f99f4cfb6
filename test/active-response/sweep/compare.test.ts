import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Block } from '../../../active-response/ledger.ts';
import { compare } from '../../../active-response/sweep/compare.ts';
import type { Inspection } from '../../../active-response/sweep/inspect.ts';
import { EX, RiposteError } from '../../../base/errors.ts';

const NOW = Date.parse('2026-11-20T12:00:00.000Z');
const LISTED = NOW - 500;

const blockOf = (address: string, some: Partial<Block> = {}): Block => ({
  address,
  response: 'firewall-drop',
  backend: 'nftables',
  since: '2026-11-20T09:00:00.000Z',
  until: null,
  offence: 1,
  ...some,
});

function inspection(
  blocks: Block[],
  held: Record<string, string[]>,
  some: Partial<Inspection['ledger']> = {},
): Inspection {
  return {
    at: LISTED,
    ledger: { isThere: true, blocks, damaged: [], ...some },
    held: new Map(
      Object.entries(held).map(([name, addresses]) => [name, new Map(addresses.map((each) => [each, {}]))]),
    ),
    unseen: new Map(),
  };
}

/** The differences, each as a list of addresses. */
function differences(...of: Parameters<typeof inspection>) {
  const { over, missing, failed, strays } = compare(inspection(...of), NOW);
  const texts = (some: readonly { address: string }[]) => some.map(({ address }) => address);
  return { over: texts(over), missing: texts(missing), failed: texts(failed), strays: texts(strays) };
}

const NONE = { over: [], missing: [], failed: [], strays: [] };
const A = '203.0.113.1';
const B = '203.0.113.2';

test('finds no difference when ledger and backend agree', () => {
  assert.equal(differences([blockOf(A), blockOf(B)], { nftables: [B, A] }), NONE);
  assert.equal(differences([], {}), NONE);
});

test('finds a missing block that only the ledger holds, and a stray that only the backend holds', () => {
  assert.equal(differences([blockOf(A)], { nftables: [B] }), { ...NONE, missing: [A], strays: [B] });
});

test('reports a block whose time has passed as over, not as a stray, whether or not it is in force', () => {
  const over = blockOf(A, { until: '2026-11-20T12:00:00.000Z' });
  for (const held of [[], [A]]) assert.equal(differences([over], { nftables: held }), { ...NONE, over: [A] });
  const left = blockOf(A, { until: '2026-11-20T12:00:00.001Z' });
  assert.equal(differences([left], { nftables: [A] }), NONE);
});

test('finds a failed block to retry, whether or not it is in force', () => {
  const failed = blockOf(A, { failed: 'nft: no' });
  for (const held of [[], [A]])
    assert.equal(differences([failed], { nftables: held }), { ...NONE, failed: [A] });
});

test('does not report a block made after the listing as missing, unless its start is in the future', () => {
  const since = (milliseconds: number) => blockOf(A, { since: new Date(milliseconds).toISOString() });
  assert.equal(differences([since(LISTED)], { nftables: [] }), NONE);
  assert.equal(differences([since(NOW)], { nftables: [] }), NONE);
  assert.equal(differences([since(LISTED - 1)], { nftables: [] }), { ...NONE, missing: [A] });
  assert.equal(differences([since(NOW + 1)], { nftables: [] }), { ...NONE, missing: [A] });
});

test('finds a missing block and a stray when a backend other than the ledger’s holds the block', () => {
  const all = inspection([blockOf(A)], { nftables: [], ipset: [A] });
  const { missing, strays } = compare(all, NOW);
  assert.equal(missing, [blockOf(A)]);
  assert.equal(strays, [{ address: A, backend: 'ipset', block: blockOf(A) }]);
});

test('finds nothing for a backend that could not be listed', () => {
  const all = inspection([blockOf(A), blockOf(B, { until: '2026-11-20T10:00:00.000Z' })], { ipset: [] });
  const { over, missing, failed, strays } = compare(
    { ...all, unseen: new Map([['nftables', new RiposteError(EX.UNAVAILABLE, 'nft is not in PATH')]]) },
    NOW,
  );
  assert.equal([over, missing, failed, strays], [[], [], [], []]);
});

test('finds no stray for an address with a damaged entry', () => {
  const damaged = [{ address: A, error: new RiposteError(EX.IOERR, 'damaged') }];
  assert.equal(differences([], { nftables: [A] }, { damaged }), NONE);
});

test('finds no strays when the ledger was never written', () => {
  assert.equal(differences([], { nftables: [A] }, { isThere: false }), NONE);
});

test.run();
