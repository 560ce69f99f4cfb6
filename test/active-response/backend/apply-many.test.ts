import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseTarget } from '../../../active-response/address.ts';
import { applyMany } from '../../../active-response/backend/apply-many.ts';
import type { Change } from '../../../active-response/backend/backend.ts';
import { realExecutor } from '../../../active-response/backend/execute.ts';
import { EX, type ExitCode, RiposteError } from '../../../active-response/errors.ts';

const change = (address: string): Change => ({ verb: 'block', address: parseTarget(address), known: false });

const changes = (count: number): Change[] =>
  Array.from({ length: count }, (_, index) => change(`203.0.113.${index + 1}`));

/** A backend that takes all but some, and notes what it was asked: how many at once. */
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

test('what can be done is done in one go', () => {
  const { asked, took, failures } = applied(100, () => undefined);
  assert.equal([asked, took.size, failures], [[100], 100, []]);
});

test('nothing asks nobody', () => {
  assert.equal(applied(0, () => undefined).asked, []);
});

test('one bad address fails alone, and costs few tries', () => {
  const { asked, took, failures } = applied(100, (address) =>
    address === '203.0.113.42' ? 'no' : undefined,
  );
  assert.equal(failures, ['203.0.113.42: no']);
  assert.is(took.size, 99);
  assert.ok(asked.length < 20, String(asked));
});

test('several bad ones, each for its own reason, all fail, and the others do not', () => {
  const bad = new Set(['203.0.113.1', '203.0.113.2', '203.0.113.3', '203.0.113.4', '203.0.113.64']);
  const { took, failures } = applied(64, (address) => (bad.has(address) ? `not ${address}` : undefined));
  assert.equal(
    failures,
    [...bad].map((address) => `${address}: not ${address}`),
  );
  assert.is(took.size, 59);
});

test('when all fail in the same words, the rest is not tried one by one', () => {
  const { asked, failures } = applied(200, () => 'no firewall here');
  assert.is(failures.length, 200);
  assert.ok(asked.length < 20, String(asked));
});

test('where nothing of IPv6 can be blocked, IPv4 still is', () => {
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
  test(`a failure of code ${exitCode} is that of all: nothing is tried again`, () => {
    const { asked, failures } = applied(10, () => 'no', { exitCode });
    assert.equal([asked, failures.length], [[10], 10]);
  });
}

test('a backend that takes but one at a time is asked for each', () => {
  const { asked, took, failures } = applied(5, (address) => (address === '203.0.113.2' ? 'no' : undefined), {
    canAll: false,
  });
  assert.equal([asked, took.size, failures], [[1, 1, 1, 1, 1], 4, ['203.0.113.2: no']]);
});

test.run();
