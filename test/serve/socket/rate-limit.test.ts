import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RateLimit } from '../../../serve/socket/rate-limit.ts';

test('allows a burst, then the rate per second, and refills to one burst at most', () => {
  let now = 5000;
  const limit = new RateLimit({ perSecond: 10, burst: 3 }, () => now);
  const passing = (tries: number) => Array.from({ length: tries }, () => limit.take()).filter(Boolean).length;
  assert.is(passing(5), 3);
  now += 99;
  assert.is(passing(1), 0);
  now += 1;
  assert.is(passing(5), 1);
  now += 60_000;
  assert.is(passing(10), 3);
});

test.run();
