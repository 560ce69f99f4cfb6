import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { retryAfter } from '../../base/retry-after.ts';

const NOW = Date.parse('2026-11-20T10:00:00.000Z');

for (const [header, seconds] of [
  ['120', 120],
  [' 0 ', 0],
  ['Fri, 20 Nov 2026 10:00:30 GMT', 30],
  ['Fri, 20 Nov 2026 09:59:00 GMT', -60],
  ['soon', undefined],
  ['', undefined],
  [null, undefined],
  [undefined, undefined],
] as const)
  test(`returns ${seconds} seconds for Retry-After: ${header}`, () =>
    assert.is(retryAfter(header, NOW), seconds));

test.run();
