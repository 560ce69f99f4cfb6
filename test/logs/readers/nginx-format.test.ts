import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TrustedProxies } from '../../../logs/proxies/trusted-proxies.ts';
import { type NginxEscape, nginxFormat } from '../../../logs/readers/nginx-format.ts';
import type { AccessRecord, ReaderOptions, Reading } from '../../../logs/readers/reading.ts';
import { refusalOf } from '../support.ts';
import { CLIENT, INNOCENT, TIME } from './hostile.ts';

const OPTIONS: ReaderOptions = { policy: { trustsPeer: false, proxies: undefined }, now: TIME };
const BEHIND: ReaderOptions = { policy: { trustsPeer: true, proxies: undefined }, now: TIME };
const WHEN = '[20/Nov/2026:09:00:00 +0000]';

const readingOf = (
  format: string,
  line: string,
  escaping: NginxEscape = 'default',
  options = OPTIONS,
): Reading => nginxFormat('shop', format, escaping).newReader(options).read(line);

function recordOf(format: string, line: string, escaping?: NginxEscape, options = OPTIONS): AccessRecord {
  const reading = readingOf(format, line, escaping, options);
  assert.is(reading.kind, 'access', JSON.stringify(reading));
  return reading as AccessRecord;
}

const refusal = (format: string, escaping: NginxEscape = 'default'): string =>
  refusalOf(() => nginxFormat('shop', format, escaping));

for (const [format, line, wanted] of [
  ['$remote_addr [$time_local]', `${CLIENT} ${WHEN}`, { time: TIME }],
  ['$remote_addr [$time_local]', `${CLIENT} [20/Nov/2026:11:00:00 +0200]`, { time: TIME }],
  ['$time_iso8601 $remote_addr', `2026-11-20T09:00:00+00:00 ${CLIENT}`, { time: TIME }],
  ['$msec,$remote_addr', `1795165200.123,${CLIENT}`, { time: TIME }],
  [`\${remote_addr}x$status`, `${CLIENT}x404`, { status: '404' }],
  ['$REMOTE_ADDR $status', `${CLIENT} 404`, { status: '404' }],
  ['$remote_addr $status', `${CLIENT} 000`, { status: '-' }],
  ['$realip_remote_addr $remote_addr', `10.0.0.2 ${CLIENT}`, {}],
  ['$remote_addr $realip_remote_addr', `${CLIENT} 10.0.0.2`, {}],
  ['$remote_addr $bytes_sent $body_bytes_sent', `${CLIENT} 1532 196`, { size: '196' }],
  ['$remote_addr "$request"', `${CLIENT} "GET /a\\x22b HTTP/1.1"`, { method: 'GET', target: '/a\\x22b' }],
  ['$remote_addr "$request"', `${CLIENT} "\\x16\\x03\\x01"`, { method: '-', target: '\\x16\\x03\\x01' }],
  ['$remote_addr $request_method $request_uri', `${CLIENT} GET /a b`, { method: 'GET', target: '/a\\x20b' }],
  ['$remote_addr $request_method $uri$is_args$args', `${CLIENT} GET /a?b`, { target: '/a?b' }],
  ['$remote_addr "$uri" "$args"', `${CLIENT} "/a" "b"`, { target: '/a?b' }],
  ['$remote_addr "$uri" "$query_string"', `${CLIENT} "/a" "-"`, { target: '/a' }],
  ['$remote_addr "$scheme://$host$request_uri"', `${CLIENT} "https://example.org/a"`, { target: '/a' }],
  ['$remote_addr "$host" $server_name', `${CLIENT} "a" b`, { host: 'b' }],
  ['$remote_addr "$host"', `${CLIENT} "a"`, { host: 'a' }],
  ['$remote_addr $request_id', `${CLIENT} 444535f9`, { uniqueId: '444535f9' }],
  [
    '$remote_addr $server_name "$http_user_agent" "$http_referer"',
    `${CLIENT}  "" ""`,
    { userAgent: '-', referer: '-' },
  ],
  ['$remote_addr $upstream_addr $upstream_status', `${CLIENT} 10.0.0.5:80, 10.0.0.6:80 502, 200`, {}],
  ['$remote_addr $some_map "$http_referer"', `${CLIENT} any thing "b"`, { referer: 'b' }],
] as const) {
  test(`reads ${line} by ${format}`, () => {
    const record = recordOf(format, line) as unknown as Record<string, unknown>;
    assert.is(record.client, CLIENT);
    for (const [name, value] of Object.entries(wanted)) assert.is(record[name], value, name);
  });
}

test('reads empty and escaped texts of escape=json', () => {
  const format = '$remote_addr - $remote_user [$time_local] "$request" $status "$http_user_agent"';
  const none = recordOf(format, `${CLIENT} -  ${WHEN} "GET / HTTP/1.1" 200 ""`, 'json');
  assert.equal([none.user, none.userAgent], ['-', '-']);
  const odd = recordOf(
    format,
    `${CLIENT} - \\u001F\xe9\\f ${WHEN} "GET / HTTP/1.1" 200 "a\\"b\\\\ \\n"`,
    'json',
  );
  assert.equal([odd.user, odd.userAgent], ['\\x1f\\xe9\\x0c', 'a\\x22b\\x5c \\x0a']);
});

for (const [format, line, client] of [
  ['"$http_x_forwarded_for" $remote_addr', `"${INNOCENT}, ${CLIENT}" 10.0.0.2`, CLIENT],
  ['"$http_x_forwarded_for" $remote_addr', '"-" 10.0.0.2', undefined],
  ['"$http_x_forwarded_for" $remote_addr', '"foo" 10.0.0.2', undefined],
  ['"$http_x_forwarded_for" $remote_addr', `"${INNOCENT}, \\x22" 10.0.0.2`, undefined],
  ['"$http_forwarded" $remote_addr', `"for=${INNOCENT}" 10.0.0.2`, undefined],
  ['"$http_cf_connecting_ip" $remote_addr', `"${CLIENT}" 173.245.48.9`, CLIENT],
  ['"$http_cf_connecting_ip" $remote_addr', `"${INNOCENT}" 10.0.0.2`, undefined],
  ['"$http_cf_connecting_ip" $status', `"${INNOCENT}" 200`, undefined],
  ['"$http_x_real_ip" $remote_addr', `"${INNOCENT}" 10.0.0.2`, undefined],
  ['"$http_x_real_ip" $status', `"${INNOCENT}" 200`, undefined],
  ['"$http_true_client_ip" $remote_addr', `"${INNOCENT}" 10.0.0.2`, undefined],
  ['"$http_fastly_client_ip" $remote_addr', `"${INNOCENT}" 10.0.0.2`, undefined],
  ['"$http_x_client_ip" $remote_addr', `"${INNOCENT}" 10.0.0.2`, undefined],
  ['"$http_x_forwarded_for" $proxy_protocol_addr $remote_addr', `"${INNOCENT}" ${CLIENT} 10.0.0.2`, CLIENT],
  ['$proxy_protocol_addr $remote_addr', `${CLIENT} 10.0.0.2`, CLIENT],
  ['"$http_x_real_ip" $proxy_protocol_addr $remote_addr', `"${INNOCENT}" ${CLIENT} 10.0.0.2`, CLIENT],
  ['"$http_x_real_ip" "$http_x_forwarded_for" $remote_addr', `"${INNOCENT}" "${CLIENT}" 10.0.0.2`, CLIENT],
  ['"$proxy_add_x_forwarded_for"', `"${INNOCENT}, ${CLIENT}, 10.0.0.2"`, CLIENT],
  ['"$proxy_add_x_forwarded_for"', '"10.0.0.2"', undefined],
  ['"$proxy_add_x_forwarded_for" $remote_addr', `"${CLIENT}, 10.0.0.2" 10.0.0.2`, CLIENT],
  ['$http_x_forwarded_for - $remote_user [$time_local]', `${INNOCENT}, ${CLIENT} - bob ${WHEN}`, CLIENT],
  [
    '$http_x_forwarded_for - $remote_user [$time_local]',
    `${INNOCENT} - -, ${CLIENT} - bob ${WHEN}`,
    undefined,
  ],
  ['"$http_x_forwarded_for" $remote_addr', `"${CLIENT}" unix:`, CLIENT],
  // With --behind-proxy every peer is a proxy.
  ['$remote_addr $status', '10.0.0.2 200', undefined],
] as const) {
  test(`finds ${client ?? 'no client'} behind a proxy in ${line}, by ${format}`, () => {
    assert.is(recordOf(format, line, 'default', BEHIND).client, client);
  });
}

test('takes the client from Forwarded when a listed proxy has written it', () => {
  const proxies = new TrustedProxies(['10.0.0.2']);
  const line = `"for=${INNOCENT}, for=\\x22[2001:db8::7]:443\\x22;proto=https" 10.0.0.2`;
  const record = recordOf('"$http_forwarded" $remote_addr', line, 'default', {
    ...BEHIND,
    policy: { trustsPeer: false, proxies },
  });
  assert.is(record.client, '2001:db8::7');
});

test('names the header to log when the log has a header that clients write', () => {
  const record = recordOf('"$http_x_real_ip" $remote_addr', `"${INNOCENT}" 10.0.0.2`, 'default', BEHIND);
  assert.match(record.noClient ?? '', 'log X-Forwarded-For instead');
});

test('takes the peer, not the header, when no proxy is trusted', () => {
  const format = '$remote_addr "$http_x_forwarded_for"';
  assert.is(recordOf(format, `${CLIENT} "${INNOCENT}"`).client, CLIENT);
  assert.is(recordOf('"$proxy_add_x_forwarded_for"', `"${INNOCENT}, ${CLIENT}"`).client, CLIENT);
  const alone = recordOf('"$http_x_forwarded_for"', `"${INNOCENT}"`);
  assert.is(alone.client, undefined);
  assert.match(alone.noClient ?? '', 'TRUSTED_PROXIES');
  assert.is(recordOf(format, `unix: "${INNOCENT}"`).client, undefined);
});

for (const [format, escaping, ...parts] of [
  ['[$time_local] "$request"', 'default', "lacks the client's address", 'write $remote_addr in front'],
  [
    '$host $remote_addr - $remote_user',
    'default',
    '$remote_addr is next to $host and $remote_user',
    'quotes',
  ],
  ['$http_host $remote_addr $uri', 'default', '$remote_addr is next to $http_host and $uri'],
  ['$some_map $remote_addr $remote_user', 'json', '$remote_addr is next to $some_map'],
  ['$remote_addr$remote_user', 'default', 'nothing divides $remote_addr from $remote_user'],
  ['$remote_addr "$request"', 'none', 'escape=none', 'remove escape=none'],
  ['$remote_addr \\ $request', 'default', 'backslash'],
  ['$remote_addr\n$request', 'default', 'line break'],
] as const) {
  test(`refuses ${JSON.stringify(format)} with escape=${escaping} and names the correction`, () => {
    const message = refusal(format, escaping);
    for (const part of ["log format 'shop'", ...parts]) assert.match(message, part);
  });
}

for (const format of [
  '"$host" $remote_addr $uri',
  '$server_name:$server_port $remote_addr $uri',
  '$host $remote_addr',
])
  test(`accepts ${format}, in which the client's address is certain`, () =>
    assert.is(refusal(format), 'is not refused'));

test.run();
