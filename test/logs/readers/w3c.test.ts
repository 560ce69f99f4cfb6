import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LogReader } from '../../../logs/readers/log-format.ts';
import { cloudfront, iis } from '../../../logs/readers/w3c.ts';
import {
  assertBeginnings,
  assertLinear,
  assertNobodyElse,
  assertTrueClient,
  assertUnreadable,
  CLIENT,
  FORGED,
  OPTIONS,
  RECORD,
  readerOf,
  readLast,
  recordOf,
  SENT,
  VICTIM,
} from '../support.ts';
import { cloudfrontLine as edgeLineOf, IIS_FIELDS as FIELDS, iisLine as lineOf } from './written.ts';

const HEADER = [
  '#Software: Microsoft Internet Information Services 10.0',
  '#Version: 1.0',
  '#Date: 2025-10-10 13:55:36',
];

test('reads a request by the fields of #Fields', () => {
  assert.equal(recordOf(iis, ...HEADER, FIELDS, lineOf({ ...SENT, user: 'D\\u', userAgent: 'a b' }, 'a=b')), {
    ...RECORD,
    user: 'D\\x5cu',
    target: '/.env?a=b',
    version: 'HTTP/0.9',
    size: '-',
    userAgent: 'a b',
  });
});

test('uses the fields of a later header', () => {
  const other = '#Fields: date time c-ip cs-version cs-method cs-uri-stem sc-status sc-bytes cs-host';
  const line = `2025-10-10 13:55:37 ${CLIENT} HTTP/2.0 GET /b 500 17 www.example.org\r`;
  const reader = readerOf(iis);
  for (const each of [...HEADER, FIELDS]) assert.is(reader.read(each).kind, 'nothing');
  assert.is(reader.read(lineOf(SENT)).kind, 'access');
  assertUnreadable(reader.read(line), 'has 9 words');
  for (const each of [...HEADER, `${other}\r`]) assert.is(reader.read(each).kind, 'nothing');
  const record = reader.read(line);
  assert.equal(
    record.kind === 'access' && [
      record.client,
      record.version,
      record.target,
      record.status,
      record.size,
      record.host,
    ],
    [CLIENT, 'HTTP/2.0', '/b', '500', '17', 'www.example.org'],
  );
  assertUnreadable(reader.read(lineOf(SENT)), 'has 15 words');
});

test('reads from the middle of a log after it was given the log’s header', () => {
  const reader = readerOf(iis);
  assertUnreadable(reader.read(lineOf(SENT)), 'has no #Fields line before it');
  reader.begin?.({ head: [...HEADER, FIELDS, lineOf(SENT)], last: [lineOf(SENT)] });
  assert.is(reader.read(lineOf(SENT)).kind, 'access');
});

test('detects the format by its header, and does not count the header as a line', () => {
  for (const head of [[...HEADER, FIELDS], [FIELDS]]) {
    const log = new LogReader(OPTIONS);
    for (const line of head) log.read(line);
    assert.is(log.state.format, 'iis');
    assert.is(log.read(lineOf(SENT)).kind, 'access');
    const begun = new LogReader(OPTIONS);
    begun.begin({ head, last: [lineOf(SENT)] });
    assert.is(begun.read(lineOf(SENT)).kind, 'access');
    assert.equal(begun.counts, { lines: 1, unreadable: 0, withoutTime: 0, withoutClient: 0 });
  }
});

for (const [what, lines, reason] of [
  ['no header before it', [lineOf(SENT)], 'no #Fields'],
  ['a header without c-ip', [FIELDS.replace('c-ip', 'c-port'), lineOf(SENT)], 'lacks'],
  ['a header that names c-ip twice', [FIELDS.replace('s-ip', 'c-ip'), lineOf(SENT)], 'twice'],
  [
    'a header without a date',
    ['#Fields: time c-ip cs-method cs-uri-stem sc-status', '13:55:36 x GET / 404'],
    'lacks',
  ],
  ['an extra word', [FIELDS, `${lineOf(SENT)} x`], 'has 16 words'],
  ['a missing word', [FIELDS, lineOf(SENT).replace(' 15', '')], 'has 14 words'],
  ['words in another order', [FIELDS, lineOf(SENT).replace(CLIENT, 'x')], 'no client'],
  ['an invalid status', [FIELDS, lineOf(SENT).replace(' 404 ', ' x ')], 'no status'],
  ['an invalid time', [FIELDS, lineOf(SENT).replace('13:55:36', '13:55')], 'no date and time'],
] as const) {
  test(`refuses a line with ${what}`, () => {
    assertUnreadable(readLast(iis, ...lines), reason);
  });
}

test('finds the client or none, whatever clients send', () => {
  assertNobodyElse(iis, (sent) => lineOf(sent), { before: [FIELDS] });
  assertNobodyElse(
    iis,
    (sent) => lineOf(SENT).replace('Mozilla/5.0', () => sent.userAgent.replaceAll('\n', '')),
    { before: [FIELDS], always: false },
  );
});

test('does not read the beginning of a line as another request', () => {
  assertBeginnings(iis, lineOf({ ...SENT, target: FORGED.join(''), userAgent: FORGED.join('') }), [FIELDS]);
});

test("reads CloudFront's standard log, with and without its header", () => {
  const sent = { ...SENT, userAgent: 'Mozilla/5.0 (X11; "x")' };
  const tail =
    '\t-\tTLSv1.3\tTLS_AES_128_GCM_SHA256\tError\tHTTP/2.0\t-\t-\t11040\t0.001\tError\ttext/html\t78\t-\t-';
  const fields =
    '#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) ' +
    'cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes ' +
    'time-taken x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status ' +
    'fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len ' +
    'sc-range-start sc-range-end';
  const expected = {
    ...RECORD,
    version: 'HTTP/2.0',
    size: '1045',
    userAgent: 'Mozilla/5.0 (X11; \\x22x\\x22)',
    host: 'www.example.org',
  };
  assert.equal(recordOf(cloudfront, edgeLineOf(sent, tail)), expected);
  assert.equal(recordOf(cloudfront, '#Version: 1.0', fields, edgeLineOf(sent, tail)), expected);
  assert.is(recordOf(cloudfront, edgeLineOf(sent)).version, 'HTTP/0.9');
  assertUnreadable(readLast(cloudfront, fields, edgeLineOf(sent)), 'has 19 words');
});

test('reads texts that are encoded twice, a query, and the status of a client that has closed the connection', () => {
  const line = edgeLineOf({ ...SENT, userAgent: 'Mozilla/5.0%20(X11)' }).replace(
    '\t-\t-\tError',
    '\ta=b\t-\tError',
  );
  const record = recordOf(cloudfront, line.replace('\t404\t', '\t000\t'));
  assert.equal([record.userAgent, record.target, record.status], ['Mozilla/5.0 (X11)', '/.env?a=b', '-']);
});

test('detects the format by #Fields or by a line', () => {
  for (const first of [
    '#Fields: date time x-edge-location c-ip cs-method cs-uri-stem sc-status',
    edgeLineOf(SENT),
  ]) {
    const log = new LogReader(OPTIONS);
    log.read('#Version: 1.0');
    log.read(first);
    assert.is(log.state.format, 'cloudfront');
  }
});

test('finds the client of CloudFront or none, whatever clients send', () => {
  assertNobodyElse(cloudfront, (sent) => edgeLineOf(sent));
  assertBeginnings(cloudfront, edgeLineOf({ ...SENT, target: FORGED.join('') }));
  const line = edgeLineOf(SENT).replace('/.env', `/.env\t404\t-\t${VICTIM}`);
  assertTrueClient(readLast(cloudfront, line), line, false);
});

test('takes time in proportion to the length of a line', () => {
  for (const text of ['a', ' ', '+', 'x ']) {
    assertLinear((size) => {
      const line = lineOf(SENT).replace('/.env', () => text.repeat(size / text.length));
      readLast(iis, FIELDS, line);
    });
  }
  for (const text of ['%25', '%2520', '%', '\t'])
    assertLinear((size) => {
      readerOf(cloudfront).read(
        edgeLineOf(SENT).replace('Mozilla/5.0', () => text.repeat(size / text.length)),
      );
    });
  assertLinear((size) => readerOf(iis).read(`#Fields: ${'c-ip '.repeat(size / 5)}`));
  assertLinear((size) => readerOf(iis).read(`#Fields:${' '.repeat(size)}x`));
});

test.run();
