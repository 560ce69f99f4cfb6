import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { AccessTime, isoTime, localAccessTime } from '../../../logs/readers/log-time.ts';

test('reads an ISO time in the same way after any other time', () => {
  const part = (...texts: string[]) => fc.constantFrom(...texts);
  const text = fc
    .tuple(
      part('2025-10-10', '2025-10-11', '2025/10/10', '2025-13-10'),
      part('T', ' ', '\t', 'x'),
      part(
        '00:00:00',
        '13:55:36',
        '23:59:59',
        '23:59:60',
        '24:00:00',
        '13:60:00',
        '13:55:61',
        '13x55:36',
        '1:55:366',
      ),
      part('', '.123', ',5'),
      part('', 'Z', '+00:00', '+0200', ' -0930', ' UTC', 'x'),
    )
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.array(text, { minLength: 2, maxLength: 6 }), (texts) => {
      const time = new AccessTime();
      for (const each of texts) assert.is(time.read(each), isoTime(each), each);
    }),
    { numRuns: 3000 },
  );
});

test("reads HAProxy's time in this host's zone", () => {
  const seconds = new Date(2025, 9, 10, 13, 55, 36).getTime() / 1000;
  assert.is(localAccessTime('10/Oct/2025:13:55:36.123'), seconds);
  assert.is(localAccessTime('10/Oct/2025:13:55:36'), seconds);
  for (const text of [
    '',
    '10/Foo/2025:13:55:36',
    '10/Oct/2025:24:55:36',
    '10/Oct/2025:13:55:36 +0000',
    '32/Oct/2025:13:55:36',
  ])
    assert.is(localAccessTime(text), undefined, text);
});

test.run();
