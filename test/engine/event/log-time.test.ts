import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LogClock } from '../../../engine/event/log-time.ts';

const NOW = Date.UTC(2026, 10, 20, 12) / 1000;
const NINE = Date.UTC(2026, 10, 20, 9) / 1000;
const read = (line: string) => new LogClock(NOW).read(line);
/** An hour of 20 November 2026 in this machine's time zone, in seconds since 1970. */
const local = (hour: number) => new Date(2026, 10, 20, hour).getTime() / 1000;

for (const [what, line, expected] of [
  ['an access log', '192.0.2.1 - - [20/Nov/2026:09:00:00 +0000] "GET / HTTP/1.1"', NINE],
  ['an access log of another zone', '192.0.2.1 - - [20/Nov/2026:11:00:00 +0200] "GET /"', NINE],
  ['an ISO date', '2026-11-20T09:00:00.5Z x', NINE],
  ["nginx's error log", '2026/11/20 09:00:00 [error] 1#1: x', local(9)],
  ["Apache 2.4's error log", '[Fri Nov 20 09:00:00.123456 2026] [:error] x', local(9)],
  ['active-responses.log', 'Fri Nov 20 09:00:00 UTC 2026 /var/ossec/active-response/bin/x add', NINE],
  ['syslog', 'Nov 20 09:00:00 web sshd: x', local(9)],
  ['syslog of last year', 'Dec 31 09:00:00 web sshd: x', new Date(2025, 11, 31, 9).getTime() / 1000],
  ['squid', '1795166986.123    200 192.0.2.1 TCP_MISS/404', 1795166986],
  ['a text without a time', 'nothing of the kind [here]', undefined],
  ['an invalid month', '192.0.2.1 - - [20/Foo/2026:09:00:00 +0000] "GET /"', undefined],
  ['an invalid time', '192.0.2.1 - - [20/Nov/2026:xx:00:00 +0000] "GET /"', undefined],
] as const) {
  test(`reads the time, if any, of ${what}`, () => assert.is(read(line), expected));
}

test('reads the date again on the next day', () => {
  const clock = new LogClock(NOW);
  assert.is(clock.read('a [20/Nov/2026:23:59:59 +0000]'), NINE + 15 * 3600 - 1);
  assert.is(clock.read('a [21/Nov/2026:00:00:00 +0000]'), NINE + 15 * 3600);
});

test.run();
