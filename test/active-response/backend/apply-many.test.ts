import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { applyMany } from '../../../active-response/backend/apply-many.ts';
import type { Change } from '../../../active-response/backend/backend.ts';
import { parseTarget } from '../../../base/address.ts';
import { EX, type ExitCode, RiposteError } from '../../../base/errors.ts';
import { realExecutor } from '../../../base/execute.ts';

const change = (address: string): Change => ({ verb: 'block', address: parseTarget(address), known: false });

const changes = (count: number): Change[] =>
  Array.from({ length: count }, (_, index) => change(`203.0.113.${index + 1}`));

/**
 * Applies changes to a backend that accepts all addresses except those that `refuses` names, and records the number of
 * changes in each call.
 */
function applied(
  given: number | readonly Change[],
  refuses: (address: string) => string | undefined,
  { exitCode = EX.UNAVAILABLE, canAll = true }: { exitCode?: ExitCode; canAll?: boolean } = {},
) {
  const asked: number[] = [];
  const took = new Set<string>();
  const take = (some: readonly Change[]) => {
    asked.push(some.length);
    for (const { address } of some) {
      const why = refuses(address.text);
      if (why !== undefined) throw new RiposteError(exitCode, why);
    }
    for (const { address } of some) took.add(address.text);
    return new Map();
  };
  const failures = applyMany(
    {
      name: 'test',
      apply: (change) => void take([change]),
      ...(canAll ? { applyAll: take } : {}),
      list: () => new Map(),
    },
    typeof given === 'number' ? changes(given) : given,
    realExecutor(1, {}),
  );
  return { asked, took, failures: [...failures].map(([address, { message }]) => `${address}: ${message}`) };
}

test('makes all changes in one call', () => {
  const { asked, took, failures } = applied(100, () => undefined);
  assert.equal([asked, took.size, failures], [[100], 100, []]);
});

test('makes no call for no changes', () => {
  assert.equal(applied(0, () => undefined).asked, []);
});

test('fails only the one bad address, in few calls', () => {
  const { asked, took, failures } = applied(100, (address) =>
    address === '203.0.113.42' ? 'no' : undefined,
  );
  assert.equal(failures, ['203.0.113.42: no']);
  assert.is(took.size, 99);
  assert.ok(asked.length < 20, String(asked));
});

test('lets several bad addresses fail with their own reasons, and makes the other changes', () => {
  const bad = new Set(['203.0.113.1', '203.0.113.2', '203.0.113.3', '203.0.113.4', '203.0.113.64']);
  const { took, failures } = applied(64, (address) => (bad.has(address) ? `not ${address}` : undefined));
  assert.equal(
    failures,
    [...bad].map((address) => `${address}: not ${address}`),
  );
  assert.is(took.size, 59);
});

test('stops after a few calls when all calls fail with the same message', () => {
  const { asked, failures } = applied(200, () => 'no firewall here');
  assert.is(failures.length, 200);
  assert.ok(asked.length < 20, String(asked));
});

test('blocks IPv4 when all of IPv6 fails', () => {
  const refused = 'IPv6 is disabled on this device';
  for (const canAll of [true, false]) {
    const changes = Array.from({ length: 40 }, (_, index) =>
      change(index % 8 < 4 ? `2001:db8::${index + 1}` : `203.0.113.${index + 1}`),
    );
    const refuses = (address: string) => (address.includes(':') ? refused : undefined);
    const { asked, took, failures } = applied(changes, refuses, { canAll });
    assert.is(took.size, 20);
    assert.is(failures.length, 20);
    assert.ok(asked.length < 40, String(asked));
  }
});

for (const exitCode of [EX.NOPERM, EX.TEMPFAIL]) {
  test(`retries nothing when the whole group fails with code ${exitCode}`, () => {
    const { asked, failures } = applied(10, () => 'no', { exitCode });
    assert.equal([asked, failures.length], [[10], 10]);
  });
}

test('calls a backend without applyAll once for each change', () => {
  const { asked, took, failures } = applied(5, (address) => (address === '203.0.113.2' ? 'no' : undefined), {
    canAll: false,
  });
  assert.equal([asked, took.size, failures], [[1, 1, 1, 1, 1], 4, ['203.0.113.2: no']]);
});

test.run();
