import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Hearsay, SAME_SECONDS } from '../../logs/hearsay.ts';
import type { AccessRecord, ErrorRecord } from '../../logs/readers/reading.ts';
import { CLIENT, readerOf, recordOf, THIRD } from './readers/error-lines.ts';

const NOW = 1_795_000_000;

const request = (fields: Partial<AccessRecord> = {}): AccessRecord => ({
  kind: 'access',
  time: NOW,
  client: CLIENT,
  user: '-',
  method: 'GET',
  target: '/honey?x=1',
  version: 'HTTP/1.1',
  status: '403',
  size: '199',
  referer: '-',
  userAgent: 'curl',
  ...fields,
});

const denial = (fields: Partial<ErrorRecord> = {}): ErrorRecord => ({
  kind: 'error',
  time: NOW,
  client: CLIENT,
  module: 'security2',
  level: 'error',
  code: 'ModSecurity',
  message: 'Access denied with code 403 (phase 1). x [id "999005"]',
  target: '/honey',
  isHearsay: true,
  canonical: '',
  ...fields,
});

const warning = (fields: Partial<ErrorRecord> = {}) =>
  denial({ message: 'Warning. x [id "999005"]', ...fields });
const other = (fields: Partial<ErrorRecord> = {}) =>
  denial({
    module: 'core',
    code: 'AH01630',
    message: 'client denied by server configuration',
    target: undefined,
    ...fields,
  });

/** True if the request confirms the record, whichever of the two comes first. */
function isConfirmed(record: ErrorRecord, access: AccessRecord, apart = 0): boolean {
  const before = new Hearsay();
  before.saw(access, NOW + apart);
  const confirmed = before.confirms(record, NOW);
  const after = new Hearsay();
  after.wait(record, NOW, 'line', 'log');
  const borneOut = after.borneOut(access, NOW + apart);
  assert.is(borneOut.length === 1, confirmed);
  assert.is(after.waiting, confirmed ? 0 : 1);
  return confirmed;
}

for (const [what, record, access, expected] of [
  ['a denial by its request', denial(), request(), true],
  ['a denial by a failed request with another status', denial(), request({ status: '404' }), true],
  ['a denial by a successful request', denial(), request({ status: '200' }), false],
  ['a denial by a request without a status', denial(), request({ status: '-' }), false],
  ['a denial by a request for another path', denial(), request({ target: '/other' }), false],
  [
    'a denial by a request that writes the path in another form',
    denial(),
    request({ target: '//x/../%68oney' }),
    true,
  ],
  ['a denial by a request of another client', denial(), request({ client: THIRD }), false],
  ['a denial by a request without a client', denial(), request({ client: undefined }), false],
  [
    'a denial without a path by a request with its status',
    denial({ target: undefined }),
    request({ target: '/x' }),
    false,
  ],
  [
    'a denial without a path by a request with another status',
    denial({ target: undefined }),
    request({ status: '404' }),
    false,
  ],
  ['a warning by a successful request', warning(), request({ status: '200' }), true],
  ['a warning by a request for another path', warning(), request({ target: '/' }), false],
  ['a warning without a path by any request', warning({ target: undefined }), request(), false],
  [
    "a warning in nginx's log by a successful request",
    warning({ level: 'info' }),
    request({ status: '200' }),
    false,
  ],
  ["a warning in nginx's log by a failed request", warning({ level: 'info' }), request(), true],
  ['a record without a path by a failed request', other(), request({ target: '/x', status: '404' }), true],
  ['a record without a path by a successful request', other(), request({ status: '200' }), false],
  ['a record with a path by a request for another path', other({ target: '/x' }), request(), false],
  [
    'a record by a request with its unique id',
    warning({ uniqueId: 'abc' }),
    request({ uniqueId: 'abc', target: '/x', status: '200' }),
    true,
  ],
  [
    'a record by a request with another unique id',
    denial({ uniqueId: 'abc' }),
    request({ uniqueId: 'abd' }),
    false,
  ],
  [
    'a record by a request with a unique id of another form',
    denial({ uniqueId: 'abc' }),
    request({ uniqueId: 'abcd' }),
    true,
  ],
  ['a record without a client', denial({ client: undefined }), request(), false],
] as const) {
  test(`${expected ? 'confirms' : 'does not confirm'} ${what}`, () => {
    if (record.client !== undefined) assert.is(isConfirmed(record, access), expected);
    const hearsay = new Hearsay();
    hearsay.saw(access, NOW);
    assert.is(hearsay.confirms(record, NOW), expected);
  });
}

test('confirms a record that is not hearsay', () => {
  assert.ok(new Hearsay().confirms(denial({ isHearsay: false }), NOW));
});

test('confirms a record only when its request came at most SAME_SECONDS before or after', () => {
  for (const apart of [-SAME_SECONDS, -8, -1, 0, 1, 7, 8, 9, SAME_SECONDS])
    assert.ok(isConfirmed(denial(), request(), apart));
  for (const apart of [-3600, -SAME_SECONDS - 1, SAME_SECONDS + 1, 3600])
    assert.not.ok(isConfirmed(denial(), request(), apart));
});

test('finds the request among many others', () => {
  const hearsay = new Hearsay();
  for (let i = 0; i < 50_000; i++) {
    const client = `203.0.113.${i % 200}`;
    hearsay.saw(
      request({ client, target: `/page${i % 1000}`, status: i % 2 ? '404' : '200' }),
      NOW - 500 + i / 50,
    );
  }
  assert.is(hearsay.forgotten, 0);
  const at = (i: number, target: string) =>
    hearsay.confirms(denial({ client: `203.0.113.${i % 200}`, target }), NOW - 500 + i / 50);
  assert.ok(at(12_345, '/page345'));
  assert.ok(at(49_999, '/page999'));
  assert.not.ok(at(12_344, '/page344'));
  assert.not.ok(at(12_345, '/page346'));
});

test('remembers a limited number of requests, and counts the forgotten requests', () => {
  const hearsay = new Hearsay({ requests: 1024 });
  for (let i = 0; i < 3000; i++) hearsay.saw(request({ target: `/page${i}` }), NOW + Math.floor(i / 100));
  assert.is(hearsay.forgotten, 3000 - 1024);
  assert.not.ok(hearsay.confirms(denial({ target: '/page100' }), NOW + 1));
  assert.ok(hearsay.confirms(denial({ target: '/page2999' }), NOW + 29));
  assert.ok(hearsay.confirms(denial({ target: '/page2500' }), NOW + 25));
});

test('remembers a repeated request as one request', () => {
  const hearsay = new Hearsay({ requests: 16 });
  for (let i = 0; i < 1000; i++) hearsay.saw(request(), NOW);
  assert.is(hearsay.forgotten, 0);
});

test('returns the records that waited for their request', () => {
  const hearsay = new Hearsay();
  hearsay.wait(denial(), NOW, 'first', 'error.log');
  hearsay.wait(denial({ target: '/other' }), NOW + 1, 'second', 'error.log');
  hearsay.wait(denial({ client: THIRD }), NOW + 1, 'third', 'error.log');
  assert.equal(hearsay.borneOut(request({ client: '192.0.2.1' }), NOW + 1), []);
  assert.equal(
    hearsay.borneOut(request(), NOW + 1).map(({ line, location, time }) => [line, location, time]),
    [['first', 'error.log', NOW]],
  );
  assert.equal(hearsay.borneOut(request(), NOW + 1), []);
  assert.is(hearsay.waiting, 2);
  assert.equal(hearsay.expired(NOW + SAME_SECONDS), []);
  const expired = hearsay.expired(NOW + SAME_SECONDS + 2).map(({ line }) => line);
  assert.equal(expired, ['second', 'third']);
  assert.is(hearsay.waiting, 0);
});

test('expires a waiting record at once when its time is far in the future', () => {
  const hearsay = new Hearsay();
  hearsay.wait(denial(), NOW + 3600, 'line', 'log');
  assert.is(hearsay.expired(NOW).length, 1);
});

test('lets a limited number of records wait, and counts the dropped records', () => {
  const hearsay = new Hearsay({ waiting: 100, waitingOfClient: 10 });
  for (let i = 0; i < 20; i++) hearsay.wait(denial(), NOW, `${i}`, 'log');
  assert.equal([hearsay.waiting, hearsay.dropped], [10, 10]);
  for (let i = 0; i < 200; i++) hearsay.wait(denial({ client: `192.0.2.${i}` }), NOW, `${i}`, 'log');
  assert.equal([hearsay.waiting, hearsay.dropped], [100, 120]);
  assert.is(hearsay.borneOut(request(), NOW).length, 10);
  hearsay.wait(denial({ client: undefined }), NOW, 'x', 'log');
  assert.equal([hearsay.waiting, hearsay.dropped], [90, 121]);
});

test('limits the total length of the texts of waiting records', () => {
  const hearsay = new Hearsay({ waitingLength: 10_000 });
  for (let i = 0; i < 20; i++)
    hearsay.wait(
      denial({ client: `192.0.2.${i}`, message: '', canonical: '' }),
      NOW,
      'x'.repeat(1000),
      'log',
    );
  assert.equal([hearsay.waiting, hearsay.dropped], [10, 10]);
  assert.is(hearsay.expired(NOW + 100).length, 10);
  hearsay.wait(denial({ message: '', canonical: '' }), NOW, 'x'.repeat(10_000), 'log');
  assert.is(hearsay.waiting, 1);
});

test('does not confirm a line that a client has forged by a raw newline', () => {
  const target = '/x%0a2025/10/10%2013:55:36';
  const lines = [
    `2025/10/10 13:55:36 [error] 1#1: *5 [client ${THIRD}] ModSecurity: Access denied with code 403 (phase 1). x [id "999005"] [uri "/"], client: ${THIRD}, server: _, request: "GET / HTTP/1.1"`,
    `2025/10/10 13:55:36 [error] 1#1: *5 [client ${THIRD}] ModSecurity: Access denied with code 404 (phase 1). x [id "999004"]`,
  ];
  const time = new Date(2025, 9, 10, 13, 55, 36).getTime() / 1000;
  const hearsay = new Hearsay();
  hearsay.saw(request({ target, status: '404' }), time);
  hearsay.saw(request({ client: THIRD, target: '/', status: '200' }), time);
  hearsay.saw(request({ client: THIRD, target: '/style.css', status: '304' }), time);
  for (const line of lines) {
    const record = recordOf(readerOf('nginx-error').read(line));
    assert.is(record.client, THIRD);
    assert.not.ok(hearsay.confirms(record, time));
  }
});

test('confirms only warnings of ModSecurity 2 about a visitor whose requests all succeed', () => {
  const statuses = fc.constantFrom('200', '206', '301', '302', '304', '101', '-', '000');
  const records = fc.record({
    code: fc.constantFrom('ModSecurity', 'AH01630', ''),
    level: fc.constantFrom('error', 'info', 'warn'),
    message: fc.constantFrom(
      'Access denied with code 403 (phase 1).',
      'Access denied with code 200 (phase 1).',
      'x',
    ),
    target: fc.constantFrom(undefined, '/', '/a'),
    uniqueId: fc.constantFrom(undefined, 'abc'),
  });
  const requests = fc.array(
    fc.record({
      status: statuses,
      target: fc.constantFrom('/', '/a', '/b'),
      uniqueId: fc.constantFrom(undefined, 'xyz'),
    }),
  );
  fc.assert(
    fc.property(requests, records, (seen, record) => {
      const hearsay = new Hearsay({ requests: 64 });
      for (const each of seen) hearsay.saw(request(each), NOW);
      assert.not.ok(hearsay.confirms(denial(record), NOW));
    }),
  );
});

test.run();
