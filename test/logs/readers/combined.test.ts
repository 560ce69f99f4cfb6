import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { accessLine } from '../../../logs/readers/canonical-line.ts';
import { combined, vhostCombined } from '../../../logs/readers/combined.ts';
import type { AccessRecord, LogFormat, ReaderOptions } from '../../../logs/readers/reading.ts';
import { CLIENT, hostileRequest, INNOCENT, TIME } from './hostile.ts';
import { clfTime, renderApache, renderNginx } from './render.ts';

const OPTIONS: ReaderOptions = { policy: { trustsPeer: false, proxies: undefined }, now: TIME };
const WHEN = `[${clfTime(TIME)}]`;
const LINE = `${CLIENT} - - ${WHEN} "GET /.env HTTP/1.1" 404 196 "-" "Mozilla/5.0"`;

function recordOf(line: string, format: LogFormat = combined): AccessRecord {
  const reading = format.newReader(OPTIONS).read(line);
  assert.is(reading.kind, 'access', `${line}\n${JSON.stringify(reading)}`);
  return reading as AccessRecord;
}

function reasonOf(line: string, format: LogFormat = combined): string {
  const reading = format.newReader(OPTIONS).read(line);
  return reading.kind === 'unreadable' ? reading.reason : `is read: ${reading.kind}`;
}

const whole = {
  kind: 'access',
  time: TIME,
  client: CLIENT,
  noClient: undefined,
  user: '-',
  method: 'GET',
  target: '/.env',
  version: 'HTTP/1.1',
  status: '404',
  size: '196',
  referer: '-',
  userAgent: 'Mozilla/5.0',
  host: undefined,
};

test('reads every field of a combined line', () => {
  const line = `${CLIENT} - bob ${WHEN} "POST /a?b=1 HTTP/2.0" 200 - "https://example.org/" "curl/8.5.0"`;
  assert.equal(recordOf(line), {
    ...whole,
    user: 'bob',
    method: 'POST',
    target: '/a?b=1',
    version: 'HTTP/2.0',
    status: '200',
    size: '-',
    referer: 'https://example.org/',
    userAgent: 'curl/8.5.0',
    canonical: line,
  });
});

const END = `${WHEN} "GET /.env HTTP/1.1" 404 196 "-" "Mozilla/5.0"`;

for (const [what, line, other] of [
  ['the common format', `${CLIENT} - - ${WHEN} "GET /.env HTTP/1.1" 404 196`, { userAgent: '-' }],
  ['the duration after the user agent', `${LINE} 1532`, {}],
  ['X-Forwarded-For after the user agent', `${LINE} "${INNOCENT}"`, {}],
  ['two dashes for the user', `${CLIENT} - - - ${END}`, { user: '-\\x20-' }],
  ['an empty user of Apache', `${CLIENT} - "" ${END}`, {}],
  ['an empty user after the name of the site', `${CLIENT} www.example.org "" ${END}`, {}],
  ['the name of the site before the user', `${CLIENT} www.example.org - ${END}`, {}],
  ['an IPv6 address', LINE.replace(CLIENT, '2001:db8::7'), { client: '2001:db8::7' }],
  ['an address in brackets', LINE.replace(CLIENT, '[2001:db8::7]'), { client: '2001:db8::7' }],
  ['an address with its port', LINE.replace(CLIENT, `${CLIENT}:51432`), {}],
  ['a space in front', ` ${LINE}`, {}],
  ['a byte order mark in front', `\xef\xbb\xbf${LINE}`, {}],
  ['quotes around the line', `"${CLIENT} - - ${WHEN} "GET /.env HTTP/1.1" 404 196"`, { userAgent: '-' }],
  ['tabs between its words', LINE.replace(/ (?=[-["\d])(?!\+)/g, '\t').replace(/\t(\+0000)/, ' $1'), {}],
  ['an ISO time', LINE.replace(WHEN, '[2026-11-20T10:00:00+01:00]'), {}],
  [
    'status 009, which nginx writes for an HTTP/0.9 request without an answer',
    LINE.replace('" 404 ', '" 009 '),
    { status: '009' },
  ],
  ['a fraction of a second', LINE.replace(':00 +0000', ':00.123 +0000'), {}],
  ["cPanel's time", LINE.replace(WHEN, '[11/20/2026:09:00:00 -0000]'), {}],
  ['words of TLS after the time', LINE.replace('] "', '] TLSv1.3 TLS_AES_256_GCM_SHA384 "'), {}],
  ['no version', LINE.replace(' HTTP/1.1', ''), { version: 'HTTP/0.9' }],
  ['a space in the target', LINE.replace('/.env', '/a b'), { target: '/a\\x20b' }],
  [
    'raw bytes of TLS',
    LINE.replace('GET /.env HTTP/1.1', '\\x16\\x03\\x01'),
    { method: '-', target: '\\x16\\x03\\x01', version: 'HTTP/0.9' },
  ],
  ['no answer', LINE.replace('404 196', '- -'), { status: '-', size: '-' }],
] as const) {
  test(`reads a line with ${what}`, () => {
    const { canonical, ...record } = recordOf(line);
    assert.equal(record, { ...whole, ...other });
    if (canonical !== undefined) assert.is(accessLine({ ...record }, TIME), canonical);
  });
}

for (const request of ['GET / -    HTTP/1.0', `GET /x${' '.repeat(9)}`, 'GET /a  b   HTTP/1.0'])
  test(`gives the record's line or no canonical line when a request has many spaces: ${request}`, () => {
    const { canonical, ...record } = recordOf(LINE.replace('GET /.env HTTP/1.1', request));
    if (canonical !== undefined) assert.is(canonical, accessLine(record, TIME));
  });

for (const [site, host] of [
  ['www.example.org:443', 'www.example.org:443'],
  ['www.example.org', 'www.example.org'],
  ['[www.example.org]', 'www.example.org'],
  ['[2001:db8::1]:443', '2001:db8::1'],
  ['-', '-'],
] as const) {
  test(`reads a line that begins with the site ${site}`, () => {
    const { canonical, ...record } = recordOf(`${site} ${LINE}`, vhostCombined);
    assert.equal(record, { ...whole, host });
    assert.is(canonical, undefined);
  });
}

for (const [line, reason] of [
  ['', 'has no client'],
  ['x', 'has no client'],
  [`-${LINE.slice(CLIENT.length)}`, 'does not begin with an address'],
  [`${INNOCENT}, ${LINE}`, 'does not begin with an address'],
  [LINE.replace(' - - ', ' 198.51.100.99 - '), 'has an address in the place of the user'],
  [LINE.replace(' - - ', ' - '), 'has no user before the time'],
  [LINE.replace(' - - ', ' '), 'has no user before the time'],
  [LINE.replace('[', ''), 'has no time before the request'],
  [LINE.replace(']', ''), 'has no time before the request'],
  [`${CLIENT} - - ${WHEN} "GET /.env HTTP/1.1`, 'has a request that does not end'],
  [`${CLIENT} - - ${WHEN} "GET /.env HTTP/1.1"`, 'has a request that does not end'],
  [LINE.replace('404', '4040'), 'has no status after the request'],
  [LINE.replace('404', 'abc'), 'has no status after the request'],
  [`${CLIENT} - - ${WHEN} "GET /.env HTTP/1.1" 404`, 'has no size after the status'],
  [LINE.replace('196', '1x6'), 'has no size after the status'],
  [
    `${CLIENT} - - ${WHEN} "GET /.env HTTP/1.1" 404 196 "-`,
    'has a referer or a user agent that does not end',
  ],
  [LINE.slice(0, -1), 'has a referer or a user agent that does not end'],
] as const) {
  test(`reports that a line ${reason}: ${line.slice(0, 90)}`, () => assert.is(reasonOf(line), reason));
}

test('reports that a line does not begin with the name of a site', () => {
  for (const site of ['[www.example.org]x', '[www.example.org]:x', '[]:80', '[www', 'a"b'])
    assert.is(reasonOf(`${site} ${LINE}`, vhostCombined), 'does not begin with the name of a site', site);
});

test('returns no record for an unused connection', () => {
  for (const request of ['-', ''])
    assert.is(combined.newReader(OPTIONS).read(LINE.replace('GET /.env HTTP/1.1', request)).kind, 'nothing');
});

test('returns no client when the line has a host name instead of an address', () => {
  const record = recordOf(LINE.replace(CLIENT, 'host.example.org'));
  assert.is(record.client, undefined);
  assert.is(record.noClient, 'names a host instead of its address');
});

const BEHIND = '%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"';
const NGINX =
  '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"';

for (const [what, format, render] of [
  ['Apache', combined, (sent) => renderApache(BEHIND, sent)],
  ['Apache with more at the end', combined, (sent) => renderApache(`${BEHIND} "%{Cookie}i" %D`, sent)],
  ['Apache with the site in front', vhostCombined, (sent) => renderApache(`%v:%p ${BEHIND}`, sent)],
  ['nginx', combined, (sent) => renderNginx(NGINX, 'default', sent)],
  [
    'nginx with X-Forwarded-For',
    combined,
    (sent) => renderNginx(`${NGINX} "$http_x_forwarded_for"`, 'default', sent),
  ],
] as const satisfies readonly (readonly [
  string,
  LogFormat,
  (sent: Parameters<typeof renderApache>[1]) => string,
])[]) {
  test(`reads the true client, and a canonical line, when a client writes hostile texts to ${what}`, () => {
    const reader = format.newReader(OPTIONS);
    fc.assert(
      fc.property(hostileRequest, (sent) => {
        const line = render(sent);
        const reading = reader.read(line);
        if (reading.kind === 'nothing') return;
        assert.is(reading.kind, 'access', `${line}\n${JSON.stringify(reading)}`);
        if (reading.kind !== 'access') return;
        assert.is(reading.client, CLIENT, line);
        assert.is(reading.time, TIME, line);
        assert.is(reading.status, String(sent.status), line);
        const { canonical, ...record } = reading;
        const made = accessLine(record, TIME);
        if (canonical !== undefined) assert.is(canonical, made);
        // The line that rules see gives the same record again, so no text in that line looks like a field's end.
        const { canonical: _, host: __, ...again } = recordOf(made);
        const { host: ___, ...once } = record;
        assert.equal(again, once, made);
      }),
      { numRuns: 1000 },
    );
  });
}

test('gives the same record as a new reader after other lines of the same second', () => {
  for (const [format, site] of [
    [combined, ''],
    [vhostCombined, 'www.example.org '],
  ] as const) {
    const reader = format.newReader(OPTIONS);
    fc.assert(
      fc.property(
        hostileRequest,
        fc.constantFrom(CLIENT, '2001:db8::7', '[2001:db8::7]', 'a.example'),
        (sent, peer) => {
          assert.is(reader.read(`${site}${LINE}`).kind, 'access');
          const line = `${site}${renderApache(BEHIND, { ...sent, peer })}`;
          for (const each of [line, line.replace(' - - ', ' - "" '), line.slice(0, 60)])
            assert.equal(reader.read(each), format.newReader(OPTIONS).read(each), each);
        },
      ),
      { numRuns: 1000 },
    );
  }
});

test('detects the formats only by ordinary lines', () => {
  const told = (line: string): boolean[] =>
    [combined, vhostCombined].map(({ isToldBy }) => isToldBy?.(line) === true);
  assert.equal(told(LINE), [true, false]);
  assert.equal(told(`www.example.org ${LINE}`), [false, true]);
  assert.equal(told(LINE.replace(' - - ', ' - bob ')), [true, false]);
  assert.equal(told(`"${LINE.slice(0, -1)}"`), [true, false]);
  for (const line of [
    `${INNOCENT}, ${LINE}`,
    LINE.replace(' - - ', ' (198.51.100.99) - - '),
    LINE.replace(' - - ', ' - a b '),
    // A header or a user agent precedes the line.
    `${INNOCENT} - - ${WHEN} \\"GET / HTTP/1.1\\" 404 1, ${LINE}`,
    `${INNOCENT} - x [ ${LINE}`,
    `${INNOCENT} - x ${WHEN} ${LINE}`,
    `"${INNOCENT} - - ${WHEN} " " 404 1 x" ${LINE}`,
    `"${INNOCENT} - - ${WHEN} " ${LINE}`,
  ])
    assert.equal(told(line), [false, false], line);
});

test.run();
