import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LogReader } from '../../../logs/readers/log-format.ts';
import {
  CLIENT,
  hostileText,
  OPTIONS,
  RUNS,
  readerOf,
  recordOf,
  ruleFor,
  type AuditShape as Shape,
  THIRD,
  auditVersion2 as version2,
  auditVersion3 as version3,
} from './error-lines.ts';

const read = (line: string) => readerOf('modsecurity-audit').read(line);

test("reads ModSecurity 3's JSON", () => {
  const record = recordOf(read(JSON.stringify(version3())));
  assert.equal(record, {
    kind: 'error',
    time: new Date(2026, 10, 28, 21, 57, 21).getTime() / 1000,
    client: CLIENT,
    noClient: undefined,
    module: 'security2',
    level: 'error',
    code: 'ModSecurity',
    message: 'Warning. [id "999005"] [msg "honey"] [uri "/m/honey"] [unique_id "179590304172.137324"]',
    target: '/m/honey',
    uniqueId: '179590304172.137324',
    isHearsay: false,
    canonical:
      '[Sat Nov 28 21:57:21.000000 2026] [security2:error] [pid 0] [client 203.0.113.7:51234] [client 203.0.113.7] ModSecurity: Warning. [id "999005"] [msg "honey"] [uri "/m/honey"] [unique_id "179590304172.137324"]',
  });
  assert.is(ruleFor(record), 117011);
});

test('reads a denial only when ModSecurity 3 says that it has denied the request', () => {
  const ruleOf = (shape: Shape) => ruleFor(recordOf(read(JSON.stringify(version3(shape)))));
  assert.is(ruleOf({ id: '1', more: { is_interrupted: true } }), 30411);
  assert.is(ruleOf({ id: '949110' }), 30411);
  assert.is(ruleOf({ id: '949110', code: 200 }), 30401);
  assert.is(ruleOf({ id: '949110', more: { producer: { secrules_engine: 'DetectionOnly' } } }), 30401);
  assert.is(ruleOf({ id: '1' }), 30401);
});

test('prefers a rule of httpd.conf.d to the other rules of a transaction', () => {
  const one = version3({ id: '920350' });
  const two = version3({ id: '999004' });
  one.transaction.messages.push(...two.transaction.messages);
  assert.is(ruleFor(recordOf(read(JSON.stringify(one)))), 117010);
});

test('ignores a transaction without a message', () => {
  assert.is(read(JSON.stringify(version3({ more: { messages: [] } }))).kind, 'nothing');
});

test('reads a line whose client sends a header several times', () => {
  const line = JSON.stringify(version3()).replace(
    '"Host":"example.org"',
    '"Accept":"a","Accept":"b","Host":"a"',
  );
  assert.is(recordOf(read(line)).client, CLIENT);
});

test('cannot read a line that has a key twice, or is not a transaction', () => {
  const line = JSON.stringify(version3());
  for (const other of [
    line.replace('{"client_ip"', `{"client_ip":"${THIRD}","client_ip"`),
    line.replace('"host_ip"', `"client_ip":"${THIRD}","host_ip"`),
    line.replace('"unique_id"', '"messages":[],"unique_id"'),
    line.replace('{"transaction"', '{"transaction":{},"transaction"'),
    line.slice(0, -1),
    `${line}}`,
    `${line} ${line}`,
    ` x${line}`,
    line.replace('"unique_id"', '"a":01,"unique_id"'),
    line.replace('"unique_id"', '"a":"\t","unique_id"'),
    line.replace('"unique_id"', '"a":"\\q","unique_id"'),
    line.replace('"unique_id"', 'a:1,"unique_id"'),
    line.replace('"client_ip"', '"client"'),
    line.replace(`"${CLIENT}"`, '1'),
    `{"error":"ModSecurity was not compiled with JSON support."}`,
    '[]',
    '"x"',
    '{}',
    '',
    '['.repeat(100_000),
    '{"a":'.repeat(100_000),
  ])
    assert.is(read(other).kind, 'unreadable', other.slice(0, 100));
});

test('marks a record of ModSecurity 2 as hearsay, and names the client that the record names', () => {
  const message =
    'Access denied with code 403 (phase 1). String match "honey" at REQUEST_URI. [file "/a"] [line "5"] [id "999005"] [msg "honey \\"] [id \\"1\\"]"]';
  const said = `[file "apache2_util.c"] [line 275] [level 3] [client ${CLIENT}] ModSecurity: ${message}`;
  const record = recordOf(read(JSON.stringify(version2(message, [said]))));
  assert.equal(
    [record.client, record.isHearsay, record.time, record.target, record.uniqueId],
    [CLIENT, true, Date.UTC(2026, 10, 28, 21, 56, 24) / 1000, '/honey', 'awtOCDRb2l95JKnJophf7QAAAEA'],
  );
  assert.is(ruleFor(record), 117011);
  assert.is(recordOf(read(JSON.stringify(version2(message)))).client, '192.0.2.1');
  const forged = `[file "mod_authz_core.c"] [line 879] [level 3] AH01630: /[client ${THIRD}] ModSecurity: `;
  assert.is(recordOf(read(JSON.stringify(version2(message, [forged, said])))).client, CLIENT);
  assert.is(read(JSON.stringify(version2('Rule 1 [id "999005"] execution error'))).kind, 'nothing');
});

test('takes no id from a name that a client chose', () => {
  const message =
    'Access denied with code 403 (phase 2). String match "foo" at ARGS_NAMES:foo"] [id "999005"].';
  const record = recordOf(read(JSON.stringify(version2(`${message} [file "/a"] [line "5"] [id "960017"]`))));
  assert.match(record.canonical, '[id "960017"]');
  assert.not.match(record.canonical, '[id "999005"]');
  const cut = `${message.slice(0, -1)} ${'a'.repeat(1023 - message.length - 14)} [id "999005"]`;
  assert.is(cut.length, 1023);
  assert.not.match(recordOf(read(JSON.stringify(version2(cut)))).canonical, '[id "999005"]');
});

test('takes no other client and no other id from any text of a client', () => {
  const text = hostileText(4);
  fc.assert(
    fc.property(text, text, text, text, text, (uri, message, match, name, value) => {
      const shape = { id: '960017', uri: `/${uri}`, message, match, headers: { [name]: value } };
      const record = recordOf(read(JSON.stringify(version3(shape))));
      assert.equal([record.client, record.code, record.isHearsay], [CLIENT, 'ModSecurity', false]);
      assert.is(record.canonical.split('[id "').length, 2);
      assert.match(record.canonical, '[id "960017"]');
      assert.is(record.canonical.split('[client ').length, 3);
    }),
    { numRuns: RUNS },
  );
});

/** The highest permitted cost of a line of 1,000,000 bytes, as a multiple of the cost of a line of 125,000 bytes. */
const MOST = 40;

test('takes time in proportion to the length of a line', () => {
  const time = (line: string): number => {
    const start = process.cpuUsage();
    read(line);
    return process.cpuUsage(start).user + 1000;
  };
  for (const piece of ['"a",', '"\\u0041",', '"\\\\\\"",', '[],', '{"a":1},', '1,', ' ']) {
    const line = (size: number) =>
      `{"transaction":{"client_ip":"${CLIENT}","messages":[${piece.repeat(size / piece.length)}1]}}`;
    const short = Math.max(...[1, 2].map(() => time(line(125_000))));
    const long = Math.min(...[1, 2].map(() => time(line(1_000_000))));
    assert.ok(long < short * MOST, `${piece}: ${short} µs, then ${long} µs`);
  }
});

test('detects the format by its lines', () => {
  for (const line of [version3(), version2('Warning. x')]) {
    const reader = new LogReader(OPTIONS);
    reader.read(JSON.stringify(line));
    assert.is(reader.state.format, 'modsecurity-audit');
  }
});

test.run();
