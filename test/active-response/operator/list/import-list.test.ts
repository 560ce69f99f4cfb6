import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readBlock } from '../../../../active-response/ledger.ts';
import { importList } from '../../../../active-response/operator/list/import-list.ts';
import { type List, readList } from '../../../../active-response/operator/list/read-list.ts';
import { apacheContext } from '../../apache-context.ts';

const ADDRESS = '203.0.113.9';
const ORIGIN = 'drop';
const HOUR = 3600;

/**
 * Imports lists that name the address. `seconds` is the remaining block time that a list gives, and `age` is the time
 * since the list gave it, in seconds.
 */
function scene() {
  const context = apacheContext();
  const importEntries = async (entries: List['entries'], at: number) => {
    const how = { origin: ORIGIN, isWhole: true, mayBeEmpty: false, most: 10 };
    const { blocked, already } = await importList({ entries, wrong: [], skipped: 0 }, context, {
      ...how,
      at,
    });
    return { blocked, already };
  };
  return {
    importEntries,
    import(seconds: number, age: number) {
      const entries = readList(ADDRESS).entries.map((entry) => ({ ...entry, seconds }));
      return importEntries(entries, Date.now() - age * 1000);
    },
    secondsLeft() {
      const until = readBlock(context.home, 'apache-deny', ADDRESS)?.until ?? '';
      return (Date.parse(until) - Date.now()) / 1000;
    },
  };
}

const UNCHANGED = { blocked: 0, already: 1 };

test('blocks until the end that a list gave some time ago', async () => {
  const { import: run, secondsLeft } = scene();
  assert.equal(await run(HOUR, 600), { blocked: 1, already: 0 });
  assert.ok(secondsLeft() <= HOUR - 600 + 1, String(secondsLeft()));
});

test('blocks for the time that a list gives, even when the clock is set during the import', async () => {
  const { importEntries, secondsLeft } = scene();
  const now = Date.now;
  const entries = readList(ADDRESS).entries.map((entry) => ({
    ...entry,
    get seconds() {
      Date.now = () => now() + 24 * HOUR * 1000;
      return HOUR;
    },
  }));
  try {
    await importEntries(entries, now());
    assert.ok(secondsLeft() > HOUR / 2, String(secondsLeft()));
  } finally {
    Date.now = now;
  }
});

test('does not renew a block whose end is nearly the same', async () => {
  const { import: run, secondsLeft } = scene();
  await run(100 * HOUR, 0);
  const before = secondsLeft();
  assert.equal(await run(100 * HOUR + 300, 300), UNCHANGED);
  assert.equal(await run(100 * HOUR + 30, 0), UNCHANGED);
  assert.ok(secondsLeft() <= before);
});

test('renews a block when the list gives a different end', async () => {
  const { import: run, secondsLeft } = scene();
  await run(HOUR, 0);
  await run(HOUR + 60, 0);
  assert.ok(secondsLeft() > HOUR, String(secondsLeft()));
  await run(HOUR / 2, 0);
  assert.ok(secondsLeft() <= HOUR / 2 + 1, String(secondsLeft()));
});

test.run();
