import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { waitIn } from '../../../notify/abuseipdb/api.ts';

const NOW = Date.parse('2026-11-20T10:00:00.000Z');

test('waits as long as AbuseIPDB says, but at most a day, and waits an hour if AbuseIPDB names no time', () => {
  for (const [headers, seconds] of [
    [{ 'retry-after': '29241' }, 29_241],
    [{ 'retry-after': 'Fri, 20 Nov 2026 10:00:30 GMT' }, 30],
    [{ 'x-ratelimit-reset': String(NOW / 1000 + 60) }, 60],
    [{ 'retry-after': '5', 'x-ratelimit-reset': String(NOW / 1000 + 60) }, 5],
    [{}, 3600],
    [{ 'retry-after': '0' }, 3600],
    [{ 'retry-after': 'soon' }, 3600],
    [{ 'x-ratelimit-reset': String(NOW / 1000 - 60) }, 3600],
    [{ 'retry-after': '999999999' }, 86_400],
  ] as const)
    assert.is(waitIn(headers, NOW), seconds, JSON.stringify(headers));
});

test.run();
