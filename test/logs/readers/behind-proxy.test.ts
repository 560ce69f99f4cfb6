import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ProxyPolicy } from '../../../logs/proxies/client-of.ts';
import { TrustedProxies } from '../../../logs/proxies/trusted-proxies.ts';
import { FORMATS, formatNamed } from '../../../logs/readers/formats.ts';
import { CLIENT, OPTIONS, VICTIM } from '../support.ts';
import { apacheLine, auditVersion2, nginxErrorLine, oldApacheLine } from './error-lines.ts';

const PROXY = '192.0.2.1';
const ALONE: ProxyPolicy = { trustsPeer: false, proxies: undefined };
const BEHIND: ProxyPolicy = { trustsPeer: true, proxies: undefined };
const LISTED: ProxyPolicy = { trustsPeer: false, proxies: new TrustedProxies([PROXY]) };

/** Formats that log X-Forwarded-For. Each function writes a line from a header and the peer's address. */
const HEADERS: readonly (readonly [format: string, write: (header: string, peer: string) => string])[] = [
  [
    'nginx-json',
    (header, peer) =>
      `{"remote_addr":"${peer}","request":"GET / HTTP/1.1","status":404,"http_x_forwarded_for":"${header}"}`,
  ],
  [
    'caddy',
    (header, peer) =>
      `{"level":"info","ts":1,"logger":"http.log.access","request":{"remote_ip":"${peer}","client_ip":"${VICTIM}","method":"GET","uri":"/","headers":{${header === '-' ? '' : `"X-Forwarded-For":["${header}"]`}}},"status":404}`,
  ],
  [
    'traefik-json',
    (header, peer) =>
      `{"ClientAddr":"${peer}:1","ClientHost":"${header === '-' ? peer : header}","RequestMethod":"GET","RequestPath":"/","DownstreamStatus":404}`,
  ],
  [
    'cloudfront',
    (header, peer) =>
      `2025-10-10\t13:55:36\tFRA2-C1\t1\t${peer}\tGET\td1\t/\t404\t-\tx\t-\t-\tError\ta=\tx\thttps\t23\t0.001\t${header.replaceAll(' ', '%20')}`,
  ],
];

/** Formats that log no header. Each function writes a line from the peer's address. */
const WITHOUT: readonly (readonly [format: string, write: (peer: string) => string])[] = [
  ['nginx-json', (peer) => `{"remote_addr":"${peer}","request":"GET / HTTP/1.1","status":404}`],
  [
    'haproxy',
    (peer) =>
      `${peer}:1 [10/Oct/2025:13:55:36.123] a b/c 0/0/1/2/3 404 1 - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1"`,
  ],
  [
    'squid',
    (peer) =>
      `1760104536.123    200 ${peer} TCP_MISS/404 1 GET http://a/ - FIRSTUP_PARENT/10.0.0.5 text/html`,
  ],
  [
    'alb',
    (peer) =>
      `http 2025-10-10T13:55:36.1Z app/a/b ${peer}:1 10.0.0.1:80 0 0 0 404 404 1 1 "GET http://a/ HTTP/1.1" "x"`,
  ],
  [
    'nginx-proxy-manager',
    (peer) =>
      `[10/Oct/2025:13:55:36 +0000] 404 - GET https a "/" [Client ${peer}] [Length 1] [Gzip -] "x" "-"`,
  ],
];

function clientIn(format: string, line: string, policy: ProxyPolicy): string | undefined {
  const reading = formatNamed(format)
    .newReader({ ...OPTIONS, policy })
    .read(line);
  assert.is(reading.kind, 'access', JSON.stringify(reading));
  return reading.kind === 'access' ? reading.client : undefined;
}

for (const [format, write] of HEADERS) {
  test(`takes the client of ${format} from the header only when a trusted proxy has written it`, () => {
    for (const [header, peer, policy, client] of [
      [CLIENT, PROXY, LISTED, CLIENT],
      [`${VICTIM}, ${CLIENT}`, PROXY, LISTED, CLIENT],
      [`${VICTIM}, ${CLIENT}, ${PROXY}`, PROXY, LISTED, CLIENT],
      [VICTIM, CLIENT, LISTED, CLIENT],
      ['-', PROXY, LISTED, undefined],
      ['-', CLIENT, LISTED, CLIENT],
      [`${VICTIM}, foo`, PROXY, LISTED, undefined],
      [`${VICTIM}, ${CLIENT}`, PROXY, BEHIND, CLIENT],
      ['-', PROXY, BEHIND, undefined],
    ] as const)
      assert.is(clientIn(format, write(header, peer), policy), client, `${header} from ${peer}`);
  });
}

for (const [format, write] of HEADERS.filter(([name]) => name !== 'traefik-json')) {
  test(`takes no client of ${format} from the header when no proxy is trusted`, () => {
    for (const header of [VICTIM, `${VICTIM}, ${VICTIM}`, '-', '"'])
      assert.is(clientIn(format, write(header.replace('"', '%22'), CLIENT), ALONE), CLIENT);
  });
}

for (const [format, write] of WITHOUT) {
  test(`names no proxy as the client of ${format}`, () => {
    assert.is(clientIn(format, write(CLIENT), LISTED), CLIENT);
    assert.is(clientIn(format, write(PROXY), LISTED), undefined);
    assert.is(clientIn(format, write(CLIENT), BEHIND), format === 'squid' ? CLIENT : undefined);
  });
}

/** Formats of error logs. Each function writes a line about a request of this address. */
const ERRORS: readonly (readonly [format: string, write: (peer: string) => string])[] = [
  ['apache-error', (client) => apacheLine({ client, message: 'AH01630: client denied' })],
  [
    'apache-error',
    (client) =>
      apacheLine({ client, module: 'security2', message: `[client ${client}] ModSecurity: Warning. x` }),
  ],
  ['apache22-error', (client) => oldApacheLine({ client, message: 'client denied' })],
  [
    'nginx-error',
    (client) =>
      nginxErrorLine({ client, path: 'a', request: 'a', host: 'a', referrer: '-', isOfModSecurity: false }),
  ],
  [
    'nginx-error',
    (client) =>
      nginxErrorLine({ client, path: 'a', request: 'a', host: 'a', referrer: '-', isOfModSecurity: true }),
  ],
  [
    'modsecurity-audit',
    (client) => {
      const message = 'Warning. x [id "1"]';
      const said = `[file "apache2_util.c"] [line 275] [level 3] [client ${client}] ModSecurity: ${message}`;
      return JSON.stringify(auditVersion2(message, [said]));
    },
  ],
];

for (const [format, write] of ERRORS) {
  test(`names no proxy as the client of ${write(CLIENT).slice(0, 110)}`, () => {
    const clientOfError = (peer: string, policy: ProxyPolicy): string | undefined => {
      const reading = formatNamed(format)
        .newReader({ ...OPTIONS, policy })
        .read(write(peer));
      assert.is(reading.kind, 'error', JSON.stringify(reading));
      return reading.kind === 'error' ? reading.client : undefined;
    };
    assert.is(clientOfError(CLIENT, ALONE), CLIENT);
    assert.is(clientOfError(CLIENT, LISTED), CLIENT);
    assert.is(clientOfError(PROXY, LISTED), undefined);
    assert.is(clientOfError(PROXY, BEHIND), undefined);
  });
}

test('joins the X-Forwarded-For headers of Caddy in their order', () => {
  const line = HEADERS[1]?.[1](`${VICTIM}","${CLIENT}`, PROXY) ?? '';
  assert.is(clientIn('caddy', line, LISTED), CLIENT);
});

test('takes the client of IIS from a field for X-Forwarded-For', () => {
  const reader = formatNamed('iis').newReader({ ...OPTIONS, policy: LISTED });
  reader.read('#Fields: date time cs-method cs-uri-stem c-ip sc-status X-Forwarded-For');
  const reading = reader.read(`2025-10-10 13:55:36 GET / ${PROXY} 404 ${VICTIM},+${CLIENT}`);
  assert.is(reading.kind === 'access' && reading.client, CLIENT);
});

test('has a line of every format', () => {
  // Other tests have lines of these formats: proxied.test.ts, combined.test.ts, and a test above for IIS.
  const elsewhere = [
    'combined',
    'vhost_combined',
    'nginx-main',
    'combined_xff',
    'xff',
    'xff_host',
    'host_xff',
    'iis',
  ];
  const written = new Set([...HEADERS, ...WITHOUT, ...ERRORS].map(([format]) => format).concat(elsewhere));
  assert.equal(
    FORMATS.map(({ name }) => name).filter((name) => !written.has(name)),
    [],
  );
});

test.run();
