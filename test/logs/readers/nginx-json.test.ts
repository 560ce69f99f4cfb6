import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nginxJson } from '../../../logs/readers/nginx-json.ts';
import {
  assertBeginnings,
  assertLinear,
  assertNobodyElse,
  assertUnreadable,
  bytes,
  CLIENT,
  FORGED,
  goEscaped,
  nginxEscaped,
  OPTIONS,
  RECORD,
  readerOf,
  readLast,
  recordOf,
  SENT,
  TIME,
  VICTIM,
} from '../support.ts';
import { nginxJsonLine as lineOf } from './written.ts';

test('reads the lines that nginx writes with escape=json', () => {
  assert.equal(recordOf(nginxJson, lineOf({ ...SENT, referer: 'https://a.example/"x"', forwarded: '' })), {
    ...RECORD,
    referer: 'https://a.example/\\x22x\\x22',
    host: 'www.example.org',
  });
});

for (const [what, line] of [
  [
    'a request in parts',
    `{"@timestamp":"2025-10-10T15:55:36+02:00","clientip":"${CLIENT}","verb":"GET","uri":"/.env","args":"a=b","response":"404"}`,
  ],
  [
    'msec and $uri',
    `{"msec":1760104536.123,"remote_ip":"${CLIENT}","method":"GET","url":"/.env?a=b","status_code":404,"bytes":-}`,
  ],
  [
    'Apache with %q',
    `{"time":"10/Oct/2025:13:55:36 +0000","client":"${CLIENT}","method":"GET","path":"/.env","query":"?a=b","status":404}`,
  ],
  [
    'nested objects of the Elastic Common Schema',
    `{"@timestamp":"2025-10-10T13:55:36.123Z","source":{"ip":"${CLIENT}"},"http":{"request":{"method":"GET"},"response":{"status_code":404}},"url":{"path":"/.env","query":"a=b"}}`,
  ],
  [
    'dotted names of the Elastic Common Schema',
    `{"@timestamp":"2025-10-10T13:55:36.123Z","client.ip":"${CLIENT}","http.request.method":"GET","http.response.status_code":404,"url.original":"/.env?a=b"}`,
  ],
  [
    'keys in upper and lower case, an address with its port, and an invalid time before the valid time',
    `{"Timestamp":"0.003","RemoteAddr":"${CLIENT}:1234","requestMethod":"GET","requestUri":"/.env?a=b","Status":"404","ts":1760104536}`,
  ],
  [
    'variables without a value',
    `{"time_local":"10/Oct/2025:13:55:36 +0000","remote_addr":"${CLIENT}","request":"GET /.env?a=b HTTP/2.0","status":404,"upstream_response_time":,"x":-}`,
  ],
] as const) {
  test(`reads ${what}`, () => {
    const { time, client, method, target, status } = recordOf(nginxJson, line);
    assert.equal([time, client, method, target, status], [TIME, CLIENT, 'GET', '/.env?a=b', '404']);
  });
}

test('reads raw TLS bytes as a target, and an empty request as no request', () => {
  const line = (request: string) =>
    `{"time_iso8601":"2025-10-10T13:55:36+00:00","remote_addr":"${CLIENT}","request":"${request}","status":400}`;
  assert.is(recordOf(nginxJson, line('\\u0016\\u0003\\u0001\xff')).target, '\\x16\\x03\\x01\\xff');
  assert.is(readLast(nginxJson, line('')).kind, 'nothing');
});

for (const [what, line, reason] of [
  [
    'a key that occurs twice',
    `{"remote_addr":"${CLIENT}","remote_addr":"${VICTIM}","request":"GET / HTTP/1.1","status":404}`,
    'twice',
  ],
  [
    'a path that occurs twice',
    `{"client.ip":"${CLIENT}","client":{"ip":"${CLIENT}"},"request":"GET / HTTP/1.1","status":404}`,
    'twice',
  ],
  [
    'a client that is a number',
    '{"remote_addr":1,"request":"GET / HTTP/1.1","status":404}',
    'no text as remote_addr',
  ],
  [
    'a client that is null',
    '{"remote_addr":null,"request":"GET / HTTP/1.1","status":404}',
    'no text as remote_addr',
  ],
  [
    'a client that is a list',
    `{"remote_addr":["${CLIENT}"],"request":"GET / HTTP/1.1","status":404}`,
    'none of the keys',
  ],
  [
    'a client that is an object',
    `{"remote_addr":{"x":"${CLIENT}"},"request":"GET / HTTP/1.1","status":404}`,
    'none of the keys',
  ],
  [
    'only a header',
    `{"http_x_real_ip":"${CLIENT}","request":"GET / HTTP/1.1","status":404}`,
    'none of the keys',
  ],
  ['no status', `{"remote_addr":"${CLIENT}","request":"GET / HTTP/1.1"}`, 'no status'],
  ['an invalid status', `{"remote_addr":"${CLIENT}","request":"GET / HTTP/1.1","status":"ok"}`, 'no status'],
  ['no request', `{"remote_addr":"${CLIENT}","status":404}`, 'no request'],
  [
    'a request that is a list',
    `{"remote_addr":"${CLIENT}","request":["GET / HTTP/1.1"],"status":404}`,
    'no request',
  ],
  ['no object', `["${CLIENT}"]`, 'not a JSON object'],
] as const) {
  test(`refuses a line with ${what}`, () => {
    assertUnreadable(readLast(nginxJson, line), reason);
  });
}

test('says why there is no client when the server has logged a host name', () => {
  const record = recordOf(nginxJson, '{"remote_host":"a.example","request":"GET / HTTP/1.1","status":404}');
  assert.is(record.client, undefined);
  assert.match(record.noClient ?? '', 'names a host');
});

test('names no client while two keys that usually name the client differ', () => {
  const line = (client: string, other: string) =>
    `{"client_ip":"${other}","remote_addr":"${client}","request":"GET / HTTP/1.1","status":404}`;
  assert.match(recordOf(nginxJson, line(CLIENT, VICTIM)).noClient ?? '', 'remote_addr and client_ip');
  assert.is(recordOf(nginxJson, line(CLIENT, CLIENT)).client, CLIENT);
  const reader = readerOf(nginxJson);
  reader.read(line(CLIENT, '-'));
  const reading = reader.read(line(CLIENT, VICTIM));
  assert.is(
    reading.kind === 'access' && reading.client,
    CLIENT,
    'remote_addr has named the client in the first line',
  );
});

test('does not mistake a header for the client after a line in which header and client have the same address', () => {
  const reader = readerOf(nginxJson);
  const clientOf = (client: string, other: string): string | undefined => {
    const reading = reader.read(
      `{"ip":"${client}","client_ip":"${other}","request":"GET / HTTP/1.1","status":404}`,
    );
    return reading.kind === 'access' ? reading.client : undefined;
  };
  assert.is(clientOf(CLIENT, CLIENT), CLIENT);
  assert.is(clientOf(CLIENT, VICTIM), undefined);
  assert.is(clientOf(CLIENT, '-'), CLIENT);
  assert.is(clientOf(CLIENT, VICTIM), CLIENT, 'the line before has named the client only in ip');
});

test('keeps the key that has named the client when a client adds keys to an unescaped line', () => {
  const line = (agent: string) =>
    `{"agent":"${agent}","ip":"${CLIENT}","request":"GET / HTTP/1.1","status":404}`;
  const forged = line(`x","remote_addr":"${VICTIM}","b":"`);
  assert.is(recordOf(nginxJson, line('x'), forged).client, CLIENT);
  assert.is(recordOf(nginxJson, forged).client, undefined);
  assertUnreadable(readLast(nginxJson, line(`x","ip":"${VICTIM}","b":"`)), 'twice');
});

test('takes the peer, not X-Forwarded-For, when no setting says that there is a proxy', () => {
  const line = lineOf({ ...SENT, forwarded: `${VICTIM}, 192.0.2.1` });
  const reading = nginxJson.newReader(OPTIONS).read(line);
  assert.is(reading.kind === 'access' && reading.client, CLIENT, 'no setting says that there is a proxy');
});

test('finds the client or none, whatever clients send', () => {
  assertNobodyElse(nginxJson, (sent) => lineOf(sent));
  assertNobodyElse(nginxJson, (sent) => lineOf(sent, nginxEscaped));
  assertNobodyElse(nginxJson, (sent) => lineOf(sent, goEscaped));
  // With line breaks, a client could write whole lines, so Riposte refuses a configuration with escape=none.
  const withoutBreaks = (text: string) => bytes(text).replaceAll('\n', ' ');
  assertNobodyElse(nginxJson, (sent) => lineOf(sent, withoutBreaks), {
    before: [lineOf(SENT)],
    always: false,
  });
});

test('does not read the beginning of a line as another request', () => {
  assertBeginnings(nginxJson, lineOf({ ...SENT, target: FORGED.join(''), userAgent: FORGED.join('') }));
});

test('takes time in proportion to the length of a line', () => {
  const run = (text: string) => (size: number) => {
    readerOf(nginxJson).read(lineOf({ ...SENT, target: text.repeat(size / text.length) }, (each) => each));
  };
  const warm = readerOf(nginxJson);
  for (let round = 0; round < 5; round++) warm.read(lineOf(SENT));
  for (const text of ['a', ' ', ',', '1', '\\"', '": '])
    for (const end of ['', '"', '\\'])
      assertLinear((size) => {
        const target = text.repeat(size / text.length);
        warm.read(lineOf({ ...SENT, target, userAgent: `${target}${end}` }, (each) => each));
      });
  for (const text of ['a', '\\"', ' ', '","', '\\u000a', '","remote_addr":"']) assertLinear(run(text));
});

test.run();
