import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FORMATS } from '../../../logs/readers/formats.ts';
import { LogReader } from '../../../logs/readers/log-format.ts';
import { bytes, CLIENT, OPTIONS, TIME, VICTIM } from '../support.ts';

const HEAD = '- - [10/Oct/2025:13:55:36 +0000] "GET /.env HTTP/1.1" 404 196';
const COMBINED = `${CLIENT} ${HEAD} "-" "Mozilla/5.0"`;
const LOCAL = new Date(2025, 9, 10, 13, 55, 36).getTime() / 1000;

/** For every format that can be detected from a single line, lines as the servers write them. */
const SAMPLES: readonly (readonly [format: string, line: string, time?: number])[] = [
  ['combined', `${CLIENT} ${HEAD}`],
  ['combined', COMBINED],
  ['combined', `${COMBINED} 1532`],
  [
    'combined',
    `${CLIENT} www.example.net - [10/Oct/2025:13:55:36 +0000] "GET /.env HTTP/1.1" 404 196 "-" "Mozilla/5.0"`,
  ],
  ['combined', `${COMBINED} 27 "web@docker" "http://172.18.0.3:80" 1ms`],
  [
    'combined',
    `${COMBINED} 73 0.001 [default-web-80] [] 10.0.0.1:80 0 0.001 404 94e4ed5cbf1eb3e6cc8e9bd0b5d5b1c4`,
  ],
  ['combined', `"${CLIENT} ${HEAD}"`],
  [
    'combined',
    COMBINED.replaceAll(' ', '\t').replace('36\t+', '36 +').replaceAll('GET\t/.env\t', 'GET /.env '),
  ],
  ['vhost_combined', `www.example.net:443 ${COMBINED}`],
  ['vhost_combined', `[example.net] ${COMBINED}`],
  [
    'nginx-json',
    `{"time_iso8601":"2025-10-10T13:55:36+00:00","remote_addr":"${CLIENT}","request_method":"GET","request_uri":"/.env","status":404,"http_user_agent":"Mozilla/5.0"}`,
  ],
  [
    'nginx-json',
    `{"@timestamp":"2025-10-10T13:55:36.123Z","source":{"ip":"${CLIENT}"},"http":{"request":{"method":"GET"},"response":{"status_code":404}},"url":{"original":"/.env"}}`,
  ],
  [
    'caddy',
    `{"level":"info","ts":1760104536.123,"logger":"http.log.access.log0","msg":"handled request","request":{"remote_ip":"${CLIENT}","remote_port":"54321","client_ip":"${CLIENT}","proto":"HTTP/2.0","method":"GET","host":"example.net","uri":"/.env","headers":{"User-Agent":["Mozilla/5.0"]}},"bytes_read":0,"user_id":"","duration":0.0003,"size":0,"status":404,"resp_headers":{"Server":["Caddy"]}}`,
  ],
  [
    'traefik-json',
    `{"ClientAddr":"${CLIENT}:51432","ClientHost":"${CLIENT}","ClientUsername":"-","DownstreamContentSize":19,"DownstreamStatus":404,"RequestMethod":"GET","RequestPath":"/.env","RequestProtocol":"HTTP/1.1","StartUTC":"2025-10-10T13:55:36.123456789Z","level":"info","msg":"","time":"2025-10-10T13:55:36Z"}`,
  ],
  [
    'haproxy',
    `${CLIENT}:54321 [10/Oct/2025:13:55:36.123] web~ web/s1 0/0/1/2/3 404 196 - - ---- 1/1/0/0/0 0/0 "GET /.env HTTP/1.1"`,
    LOCAL,
  ],
  [
    'nginx-proxy-manager',
    `[10/Oct/2025:13:55:36 +0000] - 404 404 - GET https example.net "/.env" [Client ${CLIENT}] [Length 150] [Gzip -] [Sent-to 10.0.0.5] "Mozilla/5.0" "-"`,
  ],
  [
    'alb',
    `https 2025-10-10T13:55:36.123456Z app/my-lb/50dc6c495c0c9188 ${CLIENT}:2817 10.0.0.1:80 0.000 0.001 0.000 404 404 34 366 "GET https://example.net:443/.env HTTP/1.1" "Mozilla/5.0" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:x "Root=1-5" "example.net" "-" 0 2025-10-10T13:55:36.000000Z "forward" "-" "-" "10.0.0.1:80" "404" "-" "-"`,
  ],
  [
    'alb',
    `2025-10-10T13:55:36.123456Z my-lb ${CLIENT}:2817 10.0.0.1:80 0.000073 0.001048 0.000057 404 404 0 29 "GET http://www.example.org:80/.env HTTP/1.1" "curl/7.38.0" - -`,
  ],
  [
    'cloudfront',
    `2025-10-10\t13:55:36\tFRA2-C1\t1045\t${CLIENT}\tGET\td111.cloudfront.net\t/.env\t404\t-\tMozilla/5.0\t-\t-\tError\tabc=\texample.net\thttps\t23\t0.001`,
  ],
  [
    'squid',
    `1760104536.123    200 ${CLIENT} TCP_MISS/404 1234 GET http://www.example.org/.env - FIRSTUP_PARENT/10.0.0.5 text/html`,
  ],
];

const CARRIERS: readonly (readonly [name: string, wrap: (line: string) => string])[] = [
  ['syslog', (line) => `Oct 10 13:55:36 web1 nginx[812]: ${line}`],
  ['syslog', (line) => `2025-10-10T13:55:36.123+00:00 web1 nginx: ${line}`],
  ['syslog', (line) => `<190>1 2025-10-10T13:55:36Z web1 nginx 812 - - ${line}`],
  [
    'journald',
    (line) => bytes(JSON.stringify({ MESSAGE: line, __REALTIME_TIMESTAMP: `${TIME}000000`, _PID: '1' })),
  ],
  [
    'docker',
    (line) => bytes(JSON.stringify({ log: `${line}\n`, stream: 'stdout', time: '2025-10-10T13:55:36.1Z' })),
  ],
  ['cri', (line) => `2025-10-10T13:55:36.123456789Z stdout F ${line}`],
  ['compose', (line) => `web-1  | ${line}`],
];

function assertTold(format: string, line: string, time: number): void {
  const log = new LogReader(OPTIONS);
  const reading = log.read(line);
  assert.is(log.state.format, format, `${line} ${JSON.stringify(log.state)}`);
  assert.is(reading.kind, 'access', JSON.stringify(reading));
  if (reading.kind !== 'access') return;
  const { client, target, status } = reading;
  assert.equal([client, target, status, reading.time], [CLIENT, '/.env', '404', time]);
}

for (const [format, line, time = TIME] of SAMPLES) {
  test(`tells ${format} by ${line.slice(0, 50)}`, () => {
    assertTold(format, line, time);
  });

  test(`detects ${format} in each carrier by ${line.slice(0, 50)}`, () => {
    for (const [carrier, wrap] of CARRIERS) assertTold(`${carrier}:${format}`, wrap(line), time);
  });
}

test('uses the time of the carrier for a line without a time', () => {
  const line = `{"remote_addr":"${CLIENT}","request":"GET /.env HTTP/1.1","status":404}`;
  assertTold('docker:nginx-json', CARRIERS[4]?.[1](line) ?? '', TIME);
});

test('detects no format by a piece of a line, nor by lines of other programs', () => {
  const log = new LogReader(OPTIONS);
  for (const line of [
    '2025-10-10T13:55:36.123456789Z stdout P 203.0.113.7 - - [10/Oct/2025:13:55:36 +0000] "GET /',
    '{"log":"203.0.113.7 - - [10/Oct/2025:13:55:36 +0000] ","stream":"stdout","time":"2025-10-10T13:55:36Z"}',
    'Oct 10 13:55:36 web1 sshd[1]: Failed password for root from 203.0.113.7 port 22 ssh2',
    'Oct 10 13:55:36 web1 haproxy[1]: Proxy web started.',
    '{"level":"info","msg":"started","time":"2025-10-10T13:55:36Z"}',
    '{"a":1}',
    '#Version: 1.0',
    '',
  ]) {
    assert.is(log.read(line).kind, 'unreadable', line);
    assert.is(log.state.format, undefined, line);
  }
});

test('detects no format by the lines after a line of no known format', () => {
  // The native form of ModSecurity's audit log holds the bodies of requests as clients send them.
  const log = new LogReader(OPTIONS);
  for (const line of ['--8e9f7a1b-A--', COMBINED, ...CARRIERS.map(([, wrap]) => wrap(COMBINED))]) {
    assert.is(log.read(line).kind, 'unreadable', line);
    assert.is(log.state.format, undefined, line);
  }
});

test('detects no format by a line that holds a header in front of the address', () => {
  // $http_x_forwarded_for $remote_addr [$time_local] …, where the header is `198.51.100.99 -`
  const log = new LogReader(OPTIONS);
  log.read(`${VICTIM} - ${COMBINED.replace('- - ', '')}`);
  assert.is(log.state.format, undefined);
});

test('detects no format by a client’s header in front of another server’s line', () => {
  const line = `, ${CLIENT} 192.0.2.1 ${HEAD} "-" "x"`;
  for (const header of [
    `${VICTIM} - - [10/Oct/2025:13:55:36 +0000] \\"GET / HTTP/1.1\\" 404 1`,
    `${VICTIM}:1 [10/Oct/2025:13:55:36.123] a b/c 0/0/0/0/0 404 1`,
    `${VICTIM}:1 [10/Oct/2025:13:55:36.123] a b/c 0/0/0/0/0 404 1 - - ---- 1/1/0/0/0 0/0 {`,
    `1760104536.123    200 ${VICTIM} TCP_MISS/404 1234 GET http://x/ - DIRECT/192.0.2.9 text/html x D/`,
    `1760104536.123    200 ${VICTIM} TCP_MISS/404 1234 GET http://x/ - DIRECT/192.0.2.9 [a]`,
    '#Software: Microsoft Internet Information Services 10.0',
    '#Fields: date time c-ip cs-method cs-uri-stem sc-status x',
    '#Fields: date time c-ip cs-method cs-uri-stem sc-status x-edge- x',
  ])
    for (const [, wrap] of [['', (text: string) => text] as const, ...CARRIERS]) {
      const log = new LogReader(OPTIONS);
      assert.is(log.read(wrap(header + line)).kind, 'unreadable', header);
      assert.is(log.state.format, undefined, header);
    }
  // These lines have other words than the format, or the format's words in another order.
  for (const line of [
    `https 2025-10-10T13:55:36.1Z app/x/y ${VICTIM}:1 a 0 0 0 404 404 [10/Oct/2025:13:55:36 +0000] "GET / HTTP/1.1" "x"`,
    `1760104536.123    200 ${VICTIM} TCP_MISS/404 1 GET http://x/ - D/1 t ${CLIENT} "GET / HTTP/1.1" D/1 200`,
    `1760104536.123    200 ${VICTIM} TCP_MISS/404 1 GET http://x/ - D/1 t ${CLIENT} [10/Oct/2025:13:55:36 +0000]`,
  ]) {
    const log = new LogReader(OPTIONS);
    assert.is(log.read(line).kind, 'unreadable', line);
  }
});

test('detects no format by the end of a line that was split', () => {
  const docker = (log: string): string =>
    JSON.stringify({ log, stream: 'stdout', time: '2025-10-10T13:55:36.1Z' });
  for (const [first, rest, whole] of [
    [docker('203.0.1'), docker(`13.7 - - ${HEAD} "-" "x"\n`), docker(`${COMBINED}\n`)],
    [
      '2025-10-10T13:55:36.123456789Z stdout P x',
      `2025-10-10T13:55:36.123456789Z stdout F ${COMBINED}`,
      `2025-10-10T13:55:36.123456789Z stdout F ${COMBINED}`,
    ],
  ] as const) {
    const log = new LogReader(OPTIONS);
    for (const piece of [first, rest]) {
      const reading = log.read(piece);
      assert.is(reading.kind, 'unreadable', piece);
      assert.is(log.state.format, undefined);
    }
    assert.is(log.read(whole).kind, 'access');
  }
});

test('has a sample of every access log format that can be detected from a single line', () => {
  // IIS needs its header. proxied.test.ts has the lines with X-Forwarded-For.
  const elsewhere = ['iis', 'nginx-main', 'combined_xff', 'xff', 'xff_host', 'host_xff'];
  const sampled = new Set(SAMPLES.map(([format]) => format).concat(elsewhere));
  const access = FORMATS.filter(({ holds }) => holds === 'access');
  assert.equal(
    access.map(({ name }) => name).filter((name) => !sampled.has(name)),
    [],
  );
});

test('detects the format of a container’s log after the container’s start messages', () => {
  for (const [carrier, wrap] of CARRIERS) {
    const log = new LogReader(OPTIONS);
    assert.is(log.read(wrap('/docker-entrypoint.sh: Configuration complete')).kind, 'unreadable');
    assert.is(log.read(wrap(COMBINED)).kind, 'access');
    assert.is(log.state.format, `${carrier}:combined`);
  }
});

test.run();
