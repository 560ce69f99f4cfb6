import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { apacheFormat } from '../../../logs/readers/apache-format.ts';
import { nginxFormat } from '../../../logs/readers/nginx-format.ts';
import type { LogFormat, ReaderOptions } from '../../../logs/readers/reading.ts';
import { requestLine } from '../../../logs/readers/request-line.ts';
import { someRuns } from '../../runner/share.ts';
import { CLEAR_APACHE, CLEAR_NGINX, UNCERTAIN } from './definitions.ts';
import { CLIENT, hostileRequest, TIME } from './hostile.ts';
import { canonical, renderApache, renderNginx, type Sent } from './render.ts';

const OPTIONS: ReaderOptions = { policy: { trustsPeer: false, proxies: undefined }, now: TIME };

interface Shape {
  readonly format: LogFormat;
  readonly directives: string;
  render(sent: Sent): string;
}

const apacheShape = (directives: string): Shape => ({
  format: apacheFormat('shop', directives),
  directives,
  render: (sent) => renderApache(directives, sent),
});

const nginxShape = (directives: string, escaping: 'default' | 'json'): Shape => ({
  format: nginxFormat('shop', directives, escaping),
  directives,
  render: (sent) => renderNginx(directives, escaping, sent),
});

const filled = (text: string): string => (text === '' ? '-' : text);

function expected(directives: string, sent: Sent): Record<string, unknown> | undefined {
  // Leave out strftime formats, whose letters look like directives.
  const written = directives.replaceAll(/%\{[^}]*\}t/g, '');
  const has = (...parts: string[]): boolean => parts.some((part) => written.includes(part));
  const line = has('%r', '$request"')
    ? (sent.line ?? `${sent.method} ${sent.target} ${sent.version}`)
    : undefined;
  const request = line === undefined ? sent : requestLine(line, canonical);
  if (request === undefined) return undefined;
  const hasVersion = line !== undefined || has('%H', '$server_protocol');
  const isAgentKept = !has('%400,501{User-Agent}i') || sent.status === 501;
  const isSizeKept = !has('%!200b') || sent.status !== 200;
  const text = (value: string | undefined): string => filled(canonical(value ?? '-', true));
  return {
    client: CLIENT,
    time: sent.time,
    method: line !== undefined || has('%m', '$request_method') ? request.method : '-',
    target: line === undefined ? canonical(request.target) : request.target,
    version: hasVersion ? request.version : 'HTTP/0.9',
    status: has('%>s', '%s', '$status') ? String(sent.status) : '-',
    size:
      !has('%b', '%B', '%O', 'bytes_sent', '%!200b') || !isSizeKept
        ? '-'
        : has('%b', '%!200b') && sent.size === 0
          ? '-'
          : String(sent.size),
    user: has('%u', '$remote_user') ? filled(canonical(sent.user ?? '-')) : '-',
    referer: has('%{Referer}i', '$http_referer') ? text(sent.headers.referer) : '-',
    userAgent:
      has('User-Agent}i', '$http_user_agent') && isAgentKept ? text(sent.headers['user-agent']) : '-',
  };
}

for (const shape of [
  ...CLEAR_APACHE.map(apacheShape),
  ...CLEAR_NGINX.map((directives) => nginxShape(directives, 'default')),
  ...CLEAR_NGINX.map((directives) => nginxShape(directives, 'json')),
]) {
  test(`reads every field of ${shape.directives} back when a client writes hostile texts`, () => {
    const reader = shape.format.newReader(OPTIONS);
    fc.assert(
      fc.property(hostileRequest, (sent) => {
        const line = shape.render(sent);
        const reading = reader.read(line);
        const wanted = expected(shape.directives, sent);
        if (wanted === undefined) {
          assert.is(reading.kind, 'nothing', line);
          return;
        }
        assert.is(reading.kind, 'access', `${line}\n${JSON.stringify(reading)}`);
        for (const [name, value] of Object.entries(wanted))
          assert.is((reading as unknown as Record<string, unknown>)[name], value, `${name} of ${line}`);
      }),
      { numRuns: someRuns(300) },
    );
  });
}

for (const shape of UNCERTAIN.map(apacheShape)) {
  test(`finds the true client or none in ${shape.directives} when a client writes hostile texts`, () => {
    const reader = shape.format.newReader(OPTIONS);
    fc.assert(
      fc.property(hostileRequest, (sent) => {
        const reading = reader.read(shape.render(sent));
        if (reading.kind === 'nothing') return;
        assert.is(reading.kind, 'access', shape.render(sent));
        if (reading.kind !== 'access' || reading.client === undefined) return;
        assert.is(reading.client, CLIENT, shape.render(sent));
      }),
      { numRuns: someRuns(2000) },
    );
  });
}

test('gives no client for a line that a text makes ambiguous, and says why', () => {
  const reader = apacheFormat('shop', UNCERTAIN[0] ?? '').newReader(OPTIONS);
  const rest = '[20/Nov/2026:09:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "-"';
  const plain = reader.read(`198.51.100.9, 192.0.2.9 203.0.113.7 - bob ${rest}`);
  assert.is(plain.kind === 'access' && plain.client, CLIENT);
  for (const head of [
    '198.51.100.99 - -, 203.0.113.7 10.0.0.2 - -',
    '- 203.0.113.7 - a - b',
    'a b 203.0.113.7 - -',
  ]) {
    const reading = reader.read(`${head} ${rest}`);
    assert.is(reading.kind, 'access');
    if (reading.kind !== 'access') continue;
    assert.is(reading.client, undefined, head);
    assert.match(reading.noClient ?? '', 'cannot be told');
  }
});

test('gives no client when a user name could be the answer of identd', () => {
  const reader = apacheFormat('shop', '%{X-Forwarded-For}i %h %l %u %t').newReader(OPTIONS);
  const time = '[20/Nov/2026:09:00:00 +0000]';
  for (const head of [
    `- 203.0.113.7 unknown 198.51.100.99 - x`,
    `- 203.0.113.7 unknown , 198.51.100.99 - x`,
    `192.0.2.9 203.0.113.7 unknown , 192.0.2.9 198.51.100.99 - x`,
  ]) {
    const reading = reader.read(`${head} ${time}`);
    assert.is(reading.kind, 'access', head);
    assert.is(reading.kind === 'access' ? reading.client : '', undefined, head);
  }
});

test('does not read a line with more or fewer parts than the format, or with an invalid value', () => {
  const reader = apacheFormat('shop', '%h %l %u %t "%r" %>s %b').newReader(OPTIONS);
  const line = '203.0.113.7 - - [20/Nov/2026:09:00:00 +0000] "GET / HTTP/1.1" 200 1';
  assert.is(reader.read(line).kind, 'access');
  for (const [other, reason] of [
    [`${line} 1532`, 'has no size'],
    [`${line} `, 'has no size'],
    [`${line} "-"`, 'has more quotes'],
    [` ${line}`, 'has no address'],
    [`198.51.100.9, ${line}`, 'has no address'],
    [line.slice(0, -2), "is not in the format at ' %>s %b'"],
    [line.slice(0, 60), 'has fewer quotes'],
    [line.replace('200', 'abc'), 'has no status'],
    [line.replace('Nov', 'Foo'), 'has no time'],
    [line.replace('[', '('), "is not in the format at '%h %l %u ["],
    ['', 'has fewer quotes'],
    ['"', 'has fewer quotes'],
    ['""', 'is not in the format'],
  ] as const) {
    const reading = reader.read(other);
    assert.is(reading.kind, 'unreadable', other);
    if (reading.kind === 'unreadable') assert.match(reading.reason, reason, other);
  }
});

test('gives no client when the line has a host name, and says why', () => {
  const reader = apacheFormat('shop', '%h %l %u %t "%r" %>s %b').newReader(OPTIONS);
  const reading = reader.read('host.example.org - - [20/Nov/2026:09:00:00 +0000] "GET / HTTP/1.1" 200 1');
  assert.is(reading.kind === 'access' ? reading.client : '', undefined);
  assert.match(reading.kind === 'access' ? (reading.noClient ?? '') : '', 'a name instead of the address');
});

test('reads no request from an unused connection', () => {
  for (const [format, line] of [
    ['%h %t "%r" %>s', '203.0.113.7 [20/Nov/2026:09:00:00 +0000] "-" 408'],
    ['%h %t "%m %U%q %H" %>s', '203.0.113.7 [20/Nov/2026:09:00:00 +0000] "- - -" 408'],
  ] as const)
    assert.is(apacheFormat('shop', format).newReader(OPTIONS).read(line).kind, 'nothing');
});

test('takes time in proportion to the length of a line', () => {
  const formats = [CLEAR_APACHE[1], CLEAR_APACHE[12], UNCERTAIN[0], UNCERTAIN[4]].map((text) =>
    apacheShape(text ?? ''),
  );
  const hostile = [' ', ' - ', '\\"', '\\\\', ', ', ' ['];
  const cost = (length: number): number => {
    let total = 0;
    for (const { format, render } of formats) {
      const reader = format.newReader(OPTIONS);
      for (const piece of hostile) {
        const text = piece.repeat(length / piece.length);
        const texts = { user: text, target: `/${text}`, headers: { 'x-forwarded-for': text, referer: text } };
        const whole = render({ ...PLAIN, ...texts });
        for (const line of [text, whole, whole.slice(0, -3)]) {
          const start = process.cpuUsage();
          reader.read(line);
          const used = process.cpuUsage(start);
          total += used.user + used.system;
        }
      }
    }
    return total;
  };
  cost(1_000);
  const short = cost(65_536);
  const long = cost(1_048_576);
  // The long line has 16 times the length: if the cost were quadratic, it would be 256 times as high.
  assert.ok(long < short * 64 + 200_000, `${short} µs for 64 KB, ${long} µs for 1 MB`);
});

const PLAIN: Sent = {
  peer: CLIENT,
  method: 'GET',
  target: '/',
  version: 'HTTP/1.1',
  status: 200,
  size: 1,
  headers: {},
  time: TIME,
  site: 'www.example.org',
};

test.run();
