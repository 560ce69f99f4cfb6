import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseAddress } from '../../../base/address.ts';
import { LookUpQueue } from '../../../evaluate/robots/look-up-queue.ts';

/** A queue, the look-ups that have begun, and the dropped look-ups. */
function scene() {
  let now = 0;
  const began: string[] = [];
  const dropped: string[] = [];
  const ends = new Map<string, () => void>();
  const queue = new LookUpQueue(() => now);
  return {
    began,
    dropped,
    add: (address: string) =>
      queue.add(
        parseAddress(address),
        () => {
          began.push(address);
          return new Promise((end) => ends.set(address, end));
        },
        () => dropped.push(address),
      ),
    /** Ends a look-up, and lets the queue begin the next. */
    end: async (address: string) => {
      ends.get(address)?.();
      await new Promise((resolve) => setImmediate(resolve));
    },
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
  };
}

test('runs eight look-ups of a network at once, and begins the next when a look-up ends', async () => {
  const { add, began, end } = scene();
  for (let i = 1; i <= 20; i++) assert.ok(add(`203.0.113.${i}`));
  assert.is(began.length, 8);
  await end('203.0.113.3');
  assert.equal(began.slice(8), ['203.0.113.9']);
});

test('does not let one network delay another', () => {
  const { add, began } = scene();
  for (let i = 0; i < 1000; i++) add(`203.0.${i >> 8}.${i & 255}`);
  assert.ok(add('198.51.100.1'));
  assert.ok(add('2001:db8::1'));
  assert.equal(began.slice(8), ['198.51.100.1', '2001:db8::1']);
});

test('treats the addresses of an IPv6 /32 as one network', () => {
  const { add, began } = scene();
  for (let i = 1; i <= 20; i++) add(`2001:db8:${i}::1`);
  assert.is(began.length, 8);
});

test('refuses look-ups when too many look-ups of one network wait, or too many of all networks', () => {
  const { add, began } = scene();
  const ofNetwork = Array.from({ length: 100 }, (_, i) => add(`203.0.113.${i}`));
  assert.is(ofNetwork.filter(Boolean).length, 8 + 64);
  const all = Array.from({ length: 5000 }, (_, i) => add(`${1 + (i % 200)}.0.0.${i % 250}`));
  assert.is(began.length, 64);
  assert.is(all.filter(Boolean).length, 56 + 1000 - 64);
});

test('drops a look-up that has waited too long', async () => {
  const { add, began, dropped, end, pass } = scene();
  for (let i = 1; i <= 9; i++) add(`203.0.113.${i}`);
  pass(2001);
  await end('203.0.113.1');
  assert.equal(dropped, ['203.0.113.9']);
  assert.is(began.length, 8);
  assert.ok(add('203.0.113.10'));
  assert.is(began.length, 9);
});

test.run();
