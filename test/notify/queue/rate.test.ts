import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { afterOne, allowanceAt } from '../../../notify/queue/rate.ts';

const RATE = { count: 10, seconds: 3600 };
const MINUTE = 60_000;

test('allows ten messages at once, and then one every six minutes', () => {
  let allowance = allowanceAt(undefined, RATE, 0);
  assert.is(allowance.messages, 10);
  for (let sent = 0; sent < 10; sent++) allowance = afterOne(allowance);
  assert.ok(allowanceAt(allowance, RATE, 6 * MINUTE - 1).messages < 1);
  assert.is(allowanceAt(allowance, RATE, 6 * MINUTE).messages, 1);
  assert.is(allowanceAt(allowance, RATE, 60 * MINUTE).messages, 10);
  assert.is(allowanceAt(allowance, RATE, 6000 * MINUTE).messages, 10);
});

test('loses no allowance when the allowance is computed often', () => {
  let allowance = { messages: 0, at: 0 };
  for (let now = 0; now <= 6 * MINUTE; now += 1000) allowance = allowanceAt(allowance, RATE, now);
  assert.ok(Math.abs(allowance.messages - 1) < 1e-6);
});

test('neither adds nor removes allowance when the clock is set back', () => {
  const allowance = allowanceAt({ messages: 3, at: 10 * MINUTE }, RATE, 0);
  assert.equal(allowance, { messages: 3, at: 0 });
});

test.run();
