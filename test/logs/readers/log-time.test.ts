import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  AccessTime,
  accessTimeText,
  epochTime,
  errorLogTime,
  isoTime,
  localAccessTime,
  syslogTime,
} from '../../../logs/readers/log-time.ts';
import { type TimeParts, timeOfParts, timePattern } from '../../../logs/readers/strftime.ts';

const NINE = Date.UTC(2026, 10, 20, 9) / 1000;
/** A time of 20 November 2026 by the clock of this host's zone, in seconds since 1970. */
const local = (hour: number, minute = 0, second = 0): number =>
  new Date(2026, 10, 20, hour, minute, second).getTime() / 1000;

for (const [text, time] of [
  ['20/Nov/2026:09:00:00 +0000', NINE],
  ['20/Nov/2026:10:00:00 +0100', NINE],
  ['19/Nov/2026:23:30:00 -0930', NINE],
  ['20/Nov/2026:09:00:00.123 +0000', NINE],
  ['20/Nov/2026:09:00:00.123456 +0000', NINE],
  ['11/20/2026:09:00:00 -0000', NINE],
  ['2026-11-20T09:00:00+00:00', NINE],
  ['2026-11-20T10:00:00.123+01:00', NINE],
  ['2026-11-20T09:00:00Z', NINE],
  ['2026-11-20 09:00:00', local(9)],
  ['1795165200', NINE],
  ['1795165200.123', NINE],
  ['', undefined],
  ['-', undefined],
  ['20/Foo/2026:09:00:00 +0000', undefined],
  ['20/Nov/2026:24:00:00 +0000', undefined],
  ['20/Nov/2026:0x:00:00 +0000', undefined],
  ['20/Nov/2026:09:00:00', undefined],
  ['20/Nov/2026:09:00:00 CET', undefined],
  ['20/Nov/2026 09:00:00 +0000 ', undefined],
  ['13/20/2026:09:00:00 -0000', undefined],
] as const) {
  test(`reads ${text} of an access log`, () => {
    const reader = new AccessTime();
    // Read the time again after a time of another day, because the reader remembers the last day.
    assert.is(reader.read(text), time);
    assert.is(reader.read('21/Nov/2026:09:00:00 +0000'), NINE + 86_400);
    assert.is(reader.read('2026-11-21T09:00:00+00:00'), NINE + 86_400);
    assert.is(reader.read(text), time);
  });
}

for (const [text, zone, time] of [
  ['2026-11-20T09:00:00', 'utc', NINE],
  ['2026-11-20\t09:00:00', 'utc', NINE],
  ['2026/11/20 09:00:00', 'local', local(9)],
  ['2026-11-20T09:00:00,5 UTC', 'local', NINE],
  ['2026-11-20T09:00:60Z', 'utc', NINE + 60],
  ['2026-13-20T09:00:00Z', 'utc', undefined],
  ['2026-11-20T09:61:00Z', 'utc', undefined],
  ['2026-11-20', 'utc', undefined],
] as const) {
  test(`reads ${JSON.stringify(text)} of a log in ${zone} time`, () => assert.is(isoTime(text, zone), time));
}

test('reads seconds, thousandths and millionths since 1970', () => {
  const texts = ['1795165200', '1795165200.5', '1795165200123', '1795165200123456', '12', '17951652001', 'x'];
  assert.equal(texts.map(epochTime), [NINE, NINE, NINE, NINE, undefined, undefined, undefined]);
});

test('reads the times of error logs, HAProxy and syslog in the zone of this host', () => {
  assert.is(errorLogTime('Fri Nov 20 09:29:46.123456 2026'), local(9, 29, 46));
  assert.is(errorLogTime('Fri Nov 20 09:29:46 2026'), local(9, 29, 46));
  assert.is(errorLogTime('Fri Foo 20 09:29:46 2026'), undefined);
  assert.is(localAccessTime('20/Nov/2026:09:00:00.123'), local(9));
  assert.is(localAccessTime('20/Foo/2026:09:00:00.123'), undefined);
  assert.is(syslogTime('Nov 20 09:29:46', local(12)), local(9, 29, 46));
  assert.is(syslogTime('Dec 31 09:00:00', local(12)), new Date(2025, 11, 31, 9).getTime() / 1000);
  assert.is(syslogTime('Nov 20', local(12)), undefined);
});

test('writes the time of an access log in UTC', () => {
  for (const time of [NINE, NINE + 3661, NINE + 86_400, 0, 951_782_400])
    assert.is(new AccessTime().read(accessTimeText(time)), time);
  assert.is(accessTimeText(NINE + 3661), '20/Nov/2026:10:01:01 +0000');
});

for (const [format, text, time, width] of [
  ['%d/%b/%Y:%T %z', '20/Nov/2026:10:00:00 +0100', NINE, 26],
  ['%Y-%m-%dT%H:%M:%S%z', '2026-11-20T09:00:00+0000', NINE, 24],
  ['%F %R %Z', '2026-11-20 09:00 UTC', NINE, undefined],
  ['%c %z', 'Fri Nov 20 09:00:00 2026 +0000', NINE, 30],
  ['%D %r %z', '11/20/26 09:00:00 AM +0000', NINE, 26],
  ['%y%m%d %I %p %M %z', '261120 12 AM 00 +0000', NINE - 9 * 3600, 21],
  ['%A, %e. %B %Y, %k:%M', 'Friday, 20. November 2026,  9:00', local(9), undefined],
  ['%s', '1795165200', NINE, undefined],
  ['%d.%m.%Y (%H:%M) %%', '20.11.2026 (09:00) %', local(9), 20],
  ['%H:%M', '09:00', undefined, 5],
] as const) {
  test(`reads ${text} by ${format}`, () => {
    const pattern = timePattern(format);
    assert.is(pattern?.width, width);
    const parts: TimeParts = {};
    assert.is(pattern?.read(text, parts), true);
    assert.is(timeOfParts(parts), time);
    for (const byte of text) assert.is(pattern?.chars[byte.charCodeAt(0)], 1, `it holds '${byte}'`);
    for (const other of [`${text}#`, `#${text}`, '', text.slice(1)]) {
      if (/^\d{9,11}$/.test(other)) continue;
      assert.is(pattern?.read(other, {}), false, other);
    }
  });
}

test('refuses a format with an unknown conversion', () => {
  assert.is(timePattern('%Y %Q'), undefined);
  assert.is(timePattern('%'), undefined);
});

test.run();
