import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { apacheFormat } from '../../../logs/readers/apache-format.ts';
import type { AccessRecord, ReaderOptions, Reading } from '../../../logs/readers/reading.ts';
import { refusalOf } from '../support.ts';
import { CLIENT, INNOCENT, TIME } from './hostile.ts';

const OPTIONS: ReaderOptions = { policy: { trustsPeer: false, proxies: undefined }, now: TIME };
const WHEN = '[20/Nov/2026:09:00:00 +0000]';

const readingOf = (format: string, line: string, options = OPTIONS): Reading =>
  apacheFormat('shop', format).newReader(options).read(line);

function recordOf(format: string, line: string, options = OPTIONS): AccessRecord {
  const reading = readingOf(format, line, options);
  assert.is(reading.kind, 'access', JSON.stringify(reading));
  return reading as AccessRecord;
}

const refusal = (format: string): string => refusalOf(() => apacheFormat('shop', format));

for (const [format, line, wanted] of [
  // Each format tests a directive whose value is read.
  ['%a %s', `${CLIENT} 404`, { status: '404' }],
  ['%a %>s %s', `${CLIENT} 404 200`, { status: '404' }],
  ['%a %s %>s', `${CLIENT} 200 404`, { status: '404' }],
  ['%a %<s', `${CLIENT} 404`, { status: '404' }],
  ['%h %a', `host.example.org ${CLIENT}`, {}],
  ['%{c}a %a', `10.0.0.2 ${CLIENT}`, {}],
  ['%{c}h %h', `10.0.0.2 ${CLIENT}`, {}],
  ['%a %A', `${CLIENT} 192.0.2.80`, {}],
  ['%v %a', `www.example.org ${CLIENT}`, { host: 'www.example.org' }],
  ['%a "%V"', `${CLIENT} "www.example.org"`, { host: 'www.example.org' }],
  ['%a "%{Host}i"', `${CLIENT} "www.example.org:443"`, { host: 'www.example.org:443' }],
  ['%a %O', `${CLIENT} 1532`, { size: '1532' }],
  ['%a %O %b', `${CLIENT} 1532 196`, { size: '196' }],
  ['%a %B %I %O %S', `${CLIENT} 196 1 2 3`, { size: '196' }],
  ['%a %{UNIQUE_ID}e', `${CLIENT} aR4x`, { uniqueId: 'aR4x' }],
  ['%a %{UNIQUE_ID}e', `${CLIENT} -`, { uniqueId: undefined }],
  ['%a "%r"', `${CLIENT} "GET /a\\"b HTTP/1.1"`, { method: 'GET', target: '/a\\x22b', version: 'HTTP/1.1' }],
  [
    '%a %m %U%q %H',
    `${CLIENT} GET /a b?c d HTTP/1.1`,
    { method: 'GET', target: '/a\\x20b?c\\x20d', version: 'HTTP/1.1' },
  ],
  ['%a %m "%U" "%q"', `${CLIENT} GET "/a" "?b"`, { target: '/a?b', version: 'HTTP/0.9' }],
  ['%a %m "%U" "%q"', `${CLIENT} GET "/a" ""`, { target: '/a' }],
  ['%a %D %T %{ms}T %k %X %P %{tid}P %p %{remote}p %L', `${CLIENT} 1 0 3 0 + 812 81 443 51432 -`, {}],
  ['%a %^FB "%{X}^ti" "%{X}^to"', `${CLIENT} 12 "a" "b"`, {}],
  ['%a %{version}c %{cipher}c %{HTTPS}x', `${CLIENT} TLSv1.3 TLS_AES on`, {}],
  ['%a 100%% %u', `${CLIENT} 100% bob`, { user: 'bob' }],
  ['%a %u %t', `${CLIENT} "" ${WHEN}`, { user: '-', time: TIME }],
  ['%a "%u" %t', `${CLIENT} """" ${WHEN}`, { user: '-', time: TIME }],
  ['%a "%u" %t', `${CLIENT} "" ${WHEN}`, { user: '-', time: TIME }],
  ['%a %u %{User-agent}i %{Referer}i', `${CLIENT} a b c`, { user: 'a', userAgent: 'b', referer: 'c' }],
  ['%a %u %{User-agent}i %{Referer}i', `${CLIENT} a b c d`, { user: '-', userAgent: '-', referer: '-' }],
  ['%a\\t%u', `${CLIENT}\tbob`, { user: 'bob' }],
  ['%a %!200,304{Referer}i', `${CLIENT} -`, { referer: '-' }],
  ['%a %404,501{Referer}i', `${CLIENT} http://a/ b`, { referer: 'http://a/ b' }],
  ['%a %{Referer}404i', `${CLIENT} a`, { referer: 'a' }],
  ['%a %!404t', `${CLIENT} -`, { time: undefined }],
  ['%a %{sec}t', `${CLIENT} 1795165200`, { time: TIME }],
  ['%a %{msec}t', `${CLIENT} 1795165200123`, { time: TIME }],
  ['%a %{begin:usec}t', `${CLIENT} 1795165200123456`, { time: TIME }],
  ['%a %{end}t', `${CLIENT} ${WHEN}`, { time: TIME }],
  [
    '%a %{begin:%Y-%m-%dT%H:%M:%S}t.%{end:usec_frac}t%{%z}t',
    `${CLIENT} 2026-11-20T09:00:00.123456+0000`,
    { time: TIME },
  ],
  ['%a [%{%d/%b/%Y %T}t.%{msec_frac}t %{%z}t]', `${CLIENT} [20/Nov/2026 10:00:00.123 +0100]`, { time: TIME }],
  ['%a %{%e %B %Y %I:%M:%S %p %Z}t', `${CLIENT} 20 November 2026 09:00:00 AM UTC`, { time: TIME }],
  ['%a %{%s}t', `${CLIENT} 1795165200`, { time: TIME }],
  ['%a %{%D %R %z}t', `${CLIENT} 11/20/26 09:00 +0000`, { time: TIME }],
  ['%a %{%Q}t', `${CLIENT} whatever`, { time: undefined }],
  // The fields after a certificate's text are not read, because that text could imitate them.
  [
    '%a %t "%r" %>s "%{SSL_CLIENT_S_DN}x" %b',
    `${CLIENT} ${WHEN} "GET / HTTP/1.1" 200 "CN=a" 1 "x" y`,
    { status: '200', size: '-' },
  ],
] as const) {
  test(`reads ${line} by ${format}`, () => {
    const record = recordOf(format, line) as unknown as Record<string, unknown>;
    assert.is(record.client, CLIENT);
    for (const [name, value] of Object.entries(wanted)) assert.is(record[name], value, name);
  });
}

for (const [format, line] of [
  ['%a %s', `${CLIENT} 4040`],
  ['%a %b', `${CLIENT} 19x`],
  ['%a %t', `${CLIENT} [20/Nov/2026:09:00:00 +00000]`],
  ['%a %{%d/%b/%Y}t', `${CLIENT} 20/Foo/2026`],
  ['%a %{sec}t', `${CLIENT} 12`],
  ['%a\\t%u', `${CLIENT} bob`],
  ['%a "%u"', `${CLIENT} "a`],
  ['%a "%u"', `${CLIENT} "a" `],
  ['%a "%u"', `${CLIENT} "a"b"`],
  ['%a "%u"', `${CLIENT} "a\\"`],
  ['%a,%u', `${CLIENT}, x,bob`.replace(',', ';')],
] as const) {
  test(`does not read ${line} by ${format}`, () => assert.is(readingOf(format, line).kind, 'unreadable'));
}

for (const [format, ...parts] of [
  ['%t "%r" %>s', "lacks the client's address", 'write %a in front of its LogFormat'],
  [
    '%{User-Agent}i %h %l %u %t',
    '%h is next to %{User-Agent}i and %u',
    'write %a in front',
    'between quotes',
  ],
  ['%{Host}i %h %u', '%h is next to %{Host}i and %u'],
  ['%V:%p %h %l %u %t "%r"', '%h is next to %V and %u'],
  ['%V %h %l %u %t "%r"', '%h is next to %V and %u'],
  ['%U %a %q', '%a is next to %U and %q'],
  ['%u %a %r', '%a is next to %u and %r'],
  ['%{X-Forwarded-For}i %{User-Agent}i', '%{X-Forwarded-For}i is next to %{User-Agent}i'],
  ['%{Foo}n %h %{Bar}o', '%h is next to %{Foo}n and %{Bar}o'],
  ['%h%l %u', 'nothing divides %h from %l'],
  ['"%{SSL_CLIENT_S_DN_CN}x" %h', 'raw quotes', 'write %a in front'],
  ['%h %{SSL_TLS_SNI}x', '%{SSL_TLS_SNI}x', 'remove this directive from the LogFormat'],
  ['%h %{SSL_CLIENT_CERT}x', '%{SSL_CLIENT_CERT}x', 'line breaks'],
  ['%h \\n %u', 'line break'],
  ['%h \\\\ %u', 'backslash'],
  ['%h \\x', 'backslash'],
  ['%h %', "'%' is not a directive"],
  ['%h %{Referer', "'%{Referer' is not a directive"],
] as const) {
  test(`refuses ${format} and names the correction`, () => {
    const message = refusal(format);
    for (const part of ["log format 'shop'", ...parts]) assert.match(message, part);
  });
}

for (const format of [
  '"%{User-Agent}i" %h %l %u %t',
  '%{User-Agent}i %h %t',
  '%{User-Agent}i\\t%h\\t%u',
  '%h %{User-Agent}i %{Host}i %u %{X-Forwarded-For}i',
  '"%V" "%{Host}i" %a',
  '%m %a %t %u',
]) {
  test(`accepts ${format}, in which the client's address is certain`, () =>
    assert.is(refusal(format), 'is not refused'));
}

test('removes the port from an address that itself has colons', () => {
  assert.is(recordOf('%a:%{remote}p %u', '2001:db8::7:51432 x').client, '2001:db8::7');
  assert.is(recordOf('[%a]:%{remote}p %u', '[2001:db8::7]:51432 x').client, '2001:db8::7');
  assert.is(recordOf('%v:%p %a %u', `2001:db8::99:80 ${CLIENT} x`).client, CLIENT);
});

test('finds an address after a text that looks like an address', () => {
  const fake = `${INNOCENT} - - ${WHEN} \\"GET / HTTP/1.1\\" 200`;
  assert.is(recordOf('"%{User-Agent}i" %h', `"${fake}" ${CLIENT}`).client, CLIENT);
  assert.is(recordOf('%{User-Agent}i %h %t', `${fake} ${CLIENT} ${WHEN}`).client, CLIENT);
  assert.is(recordOf('%{User-Agent}i\\t%h\\t%u', `${fake}\t${CLIENT}\t${fake}`).client, CLIENT);
});

test.run();
