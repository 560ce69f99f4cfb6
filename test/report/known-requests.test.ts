import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { KnownRequests } from '../../report/known-requests.ts';
import { requestIn } from '../../report/request-in.ts';

/** Finds the request in a line. KnownRequests takes the line's JSON in two parts, split at the first backslash. */
function found(known: KnownRequests, line: string) {
  const json = JSON.stringify(line).slice(1, -1);
  const end = json.includes('\\') ? json.indexOf('\\') : json.length;
  return known.in(json.slice(0, end), json.slice(end));
}

test('finds the same requests as requestIn(), the first time and again', () => {
  const known = new KnownRequests();
  const part = fc.constantFrom(
    '"GET /a HTTP/1.1"',
    ' 404 274 "-" "ZmEu"',
    '[uri "/x"]',
    '[uri ',
    '"',
    '\\',
    '\\"',
    '\n',
    '203.0.113.7 - - [20/Nov/2026:09:29:46 +0000] ',
    'x'.repeat(1500),
    '"POST /b?c=é HTTP/1.1" 200 ',
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
      const line = parts.join('');
      assert.equal(found(known, line), requestIn(line), line);
      assert.equal(found(known, `another time ${line}`), requestIn(`another time ${line}`), line);
    }),
    { numRuns: 3000 },
  );
});

test('distinguishes more requests than KnownRequests can remember', () => {
  const known = new KnownRequests();
  for (let turn = 0; turn < 2; turn++)
    for (let i = 0; i < 10_000; i++)
      assert.is(found(known, `${turn} "GET /${i} HTTP/1.1" 404 1 "-" "ZmEu"`).request, `GET /${i}`);
});

test.run();
