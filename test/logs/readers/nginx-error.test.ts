import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LogReader } from '../../../logs/readers/log-format.ts';
import {
  CLIENT,
  hostileText,
  nginxErrorLine,
  OPTIONS,
  RUNS,
  readerOf,
  recordOf,
  ruleFor,
  THIRD,
} from './error-lines.ts';

const read = (line: string) => readerOf('nginx-error').read(line);
const HEAD = '2025/10/10 13:55:36 [error] 812#812: *5 ';
const TAIL = `, client: ${CLIENT}, server: example.org, request: "GET /.env HTTP/1.1", host: "example.org"`;

test('reads a line of nginx', () => {
  const line = `${HEAD}open() "/usr/share/nginx/html/.env" failed (2: No such file or directory)${TAIL}`;
  assert.equal(recordOf(read(line)), {
    kind: 'error',
    time: new Date(2025, 9, 10, 13, 55, 36).getTime() / 1000,
    client: CLIENT,
    noClient: undefined,
    level: 'error',
    isHearsay: true,
    module: 'nginx',
    code: '',
    message: 'open() \\x22/usr/share/nginx/html/.env\\x22 failed (2: No such file or directory)',
    target: '/.env',
    canonical:
      '[Fri Oct 10 13:55:36.000000 2025] [nginx:error] [pid 812] [client 203.0.113.7:0] open() \\x22/usr/share/nginx/html/.env\\x22 failed (2: No such file or directory)',
  });
});

for (const [what, line, client, target] of [
  ['a rule of nginx', `${HEAD}access forbidden by rule${TAIL}`, CLIENT, '/.env'],
  [
    'an upstream server',
    `${HEAD}connect() failed (111: Connection refused) while connecting to upstream, client: ${CLIENT}, server: _, request: "GET /up?x HTTP/1.1", upstream: "http://192.0.2.1:9/up", host: "a"`,
    CLIENT,
    '/up',
  ],
  [
    'an IPv6 client',
    `${HEAD}access forbidden by rule, client: 2001:db8::7, server: _, request: "GET / HTTP/1.1"`,
    '2001:db8::7',
    '/',
  ],
  [
    'a raw quote in the request',
    `${HEAD}x, client: ${CLIENT}, server: _, request: "GET /x"y z HTTP/1.1", host: "a"`,
    CLIENT,
    '/x\\x22y\\x20z',
  ],
  [
    'a request that has not begun',
    `${HEAD}client timed out, client: ${CLIENT}, server: 0.0.0.0:80`,
    CLIENT,
    undefined,
  ],
  ['a unix socket', `${HEAD}x, client: unix:, server: _, request: "GET / HTTP/1.1"`, undefined, undefined],
] as const) {
  test(`reads a line about ${what}`, () => {
    const record = recordOf(read(line));
    assert.equal([record.client, record.target], [client, target]);
  });
}

test('ignores a line that is not about a request', () => {
  for (const line of [
    '2025/10/10 13:55:36 [notice] 1#1: signal 15 (SIGTERM) received from 1, exiting',
    `2025/10/10 13:55:36 [info] 1#1: *5 client ${CLIENT} closed keepalive connection`,
  ])
    assert.is(read(line).kind, 'nothing');
});

test('cannot read the text after a raw newline', () => {
  for (const line of [
    `${THIRD} - - [x +0] "GET /.env HTTP/1.1" 404 1 "-" "sqlmap"" failed (2: No such file or directory)${TAIL}`,
    `[Fri Oct 10 13:55:36.1 2025] [security2:error] [pid 1:tid 2] [client ${THIRD}:1] [client ${THIRD}] ModSecurity: Access denied with code 403 (phase 1). x [id "999005"]`,
    `{"riposte":"alert","srcip":"${THIRD}","level":12,"rule":117011,"time":"x"}`,
    `b" was not found in "/etc/nginx/passwords"${TAIL}`,
    ` ${HEAD}x${TAIL}`,
    `2025/10/10 13:55:36 [shout] 1#1: x${TAIL}`,
    `${HEAD}${'a'.repeat(5000)}${TAIL}`,
    '',
  ])
    assert.is(read(line).kind, 'unreadable');
});

test('gives no client when the line names several clients', () => {
  const forged = `, client: ${THIRD}, server: _, request: "GET /forged HTTP/1.1"`;
  for (const line of [
    `${HEAD}open() "/srv/x"${forged}" failed (2: No such file or directory)${TAIL}`,
    `${HEAD}user "a"${forged}": password mismatch${TAIL}`,
    `${HEAD}open() "/srv/x" failed (2: No such file or directory)${TAIL}, referrer: "x"${forged}"`,
    `${HEAD}open() "/srv/x" failed, client: ${CLIENT}, server: _, request: "GET /${forged} HTTP/1.1"`,
    `${HEAD}[client ${THIRD}] ModSecurity: Access denied with code 403 (phase 1). x [id "999005"]${TAIL}`,
  ]) {
    const record = recordOf(read(line));
    assert.equal([record.client, record.target], [undefined, undefined]);
    assert.is(record.noClient, 'names several clients');
    assert.not.match(record.canonical, THIRD);
  }
});

/** Lines of nginx 1.22 with ModSecurity 3.0.9 and its connector 1.0.3. */
const DENIAL =
  '2026/11/28 21:57:21 [error] 4466#4466: *11 [client 2001:db8::7] ModSecurity: Access denied with code 403 (phase 1). Matched "Operator `Contains\' with parameter `honey\' against variable `REQUEST_URI\' (Value: `/m/honey\' ) [file "/etc/nginx/m.conf"] [line "9"] [id "999005"] [rev ""] [msg "honey "] [data "/m/honey"] [severity "2"] [ver ""] [maturity "0"] [accuracy "0"] [tag "a/b"] [hostname "192.0.2.1"] [uri "/m/honey"] [unique_id "179590304172.137324"] [ref "o3,5v4,8"], client: 2001:db8::7, server: web.example, request: "GET /m/honey?x HTTP/1.1", host: "192.0.2.1"';
const WARNING = DENIAL.replace('[error]', '[info]')
  .replace('[client 2001:db8::7] ', '')
  .replace('Access denied with code 403 (phase 1).', 'Warning.');

test('reads denials and warnings of ModSecurity 3', () => {
  const denial = recordOf(read(DENIAL));
  assert.equal(
    [denial.client, denial.module, denial.code, denial.target, denial.uniqueId, denial.isHearsay],
    ['2001:db8::7', 'security2', 'ModSecurity', '/m/honey', '179590304172.137324', true],
  );
  assert.is(ruleFor(denial), 117011);
  const warning = recordOf(read(WARNING));
  assert.equal([warning.client, warning.code, warning.level], ['2001:db8::7', 'ModSecurity', 'info']);
  assert.is(ruleFor(warning), 117011);
  assert.is(recordOf(read(DENIAL.replace(/, client: .*/, ''))).client, '2001:db8::7');
});

test('gives no id of ModSecurity 3 when the line has several ids', () => {
  for (const line of [
    DENIAL.replace("/m/honey' )", '/m/honey"] [id "999005"]\' )').replace(
      '[id "999005"] [rev',
      '[id "1"] [rev',
    ),
    DENIAL.replace('[msg "honey ', '[msg "honey "] [id "999005"').replace(
      '[id "999005"] [rev',
      '[id "1"] [rev',
    ),
  ]) {
    const record = recordOf(read(line));
    assert.equal([record.client, record.code], ['2001:db8::7', 'ModSecurity']);
    assert.not.match(record.canonical, '[id "');
    assert.is(ruleFor(record), 30411);
  }
});

test('finds an event of ModSecurity 3 only at its usual place in a line of its usual level', () => {
  for (const line of [
    DENIAL.replace('[error]', '[info]'),
    WARNING.replace('[info]', '[error]'),
    DENIAL.replace('[client 2001:db8::7] ModSecurity', 'x [client 2001:db8::7] ModSecurity'),
    `${HEAD}FastCGI sent in stderr: "ModSecurity: Warning. x [id "999005"]"${TAIL}`,
  ]) {
    const record = recordOf(read(line));
    assert.is(record.code, '');
    assert.not.match(record.canonical, 'ModSecurity:');
    assert.not.match(record.canonical, '[id "');
  }
});

test('names no other client, whatever a client writes on one line', () => {
  const texts = hostileText(4).map((text) => text.replaceAll('\n', ' '));
  fc.assert(
    fc.property(
      texts,
      texts,
      texts,
      texts,
      fc.boolean(),
      (path, request, host, referrer, isOfModSecurity) => {
        const line = nginxErrorLine({ path, request, host, referrer, isOfModSecurity });
        const isCut = line.length > 2047;
        const reading = read(line.slice(0, 2047));
        if (isCut && reading.kind === 'nothing') return;
        const record = recordOf(reading);
        // If nginx has cut off the end, the only client in the line may be a part of a client's text. Every record of
        // nginx's error log is hearsay for that reason.
        if (!isCut) assert.ok(record.client === CLIENT || record.client === undefined, record.client);
        assert.ok(record.isHearsay);
        assert.not.match(record.canonical, '[id "999005"]');
        if (!isOfModSecurity) assert.not.match(record.canonical, /ModSecurity:/i);
      },
    ),
    { numRuns: RUNS },
  );
});

test('gives no client when the end of the address may be cut off', () => {
  const line = `${HEAD}access forbidden by rule, client: 203.0.113.77`;
  for (let end = line.length; end > line.length - 4; end--)
    assert.is(recordOf(read(line.slice(0, end))).client, undefined);
});

test('detects the format by its lines', () => {
  const reader = new LogReader(OPTIONS);
  reader.read(`${HEAD}access forbidden by rule${TAIL}`);
  assert.is(reader.state.format, 'nginx-error');
});

test.run();
