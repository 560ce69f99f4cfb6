import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TrustedProxies } from '../../../logs/proxies/trusted-proxies.ts';
import { combined, vhostCombined } from '../../../logs/readers/combined.ts';
import { FORMATS } from '../../../logs/readers/formats.ts';
import { LogReader } from '../../../logs/readers/log-format.ts';
import { combinedXff, hostXff, nginxMain, xff, xffHost } from '../../../logs/readers/proxied.ts';
import type { AccessRecord, LogFormat, ReaderOptions } from '../../../logs/readers/reading.ts';
import { CLIENT, hostileRequest, INNOCENT, TIME } from './hostile.ts';
import { renderApache, renderNginx, type Sent } from './render.ts';

const PROXY = '10.0.0.2';
const ALONE: ReaderOptions = { policy: { trustsPeer: false, proxies: undefined }, now: TIME };
const BEHIND: ReaderOptions = { policy: { trustsPeer: true, proxies: undefined }, now: TIME };
const TRUSTED: ReaderOptions = {
  policy: { trustsPeer: false, proxies: new TrustedProxies([PROXY]) },
  now: TIME,
};
const WHEN = '[20/Nov/2026:09:00:00 +0000]';
const COMMON = `${WHEN} "GET /.env HTTP/1.1" 404 196`;
const END = `${COMMON} "-" "Mozilla/5.0"`;

function recordOf(format: LogFormat, line: string, options = BEHIND): AccessRecord {
  const reading = format.newReader(options).read(line);
  assert.is(reading.kind, 'access', `${line}\n${JSON.stringify(reading)}`);
  return reading as AccessRecord;
}

for (const [format, line, [alone, behind, trusted]] of [
  [nginxMain, `${PROXY} - - ${END} "${INNOCENT}, ${CLIENT}"`, [PROXY, CLIENT, CLIENT]],
  [nginxMain, `${PROXY} - - ${END} "${CLIENT}" rt=0.003 "x"`, [PROXY, CLIENT, CLIENT]],
  [nginxMain, `${PROXY} - - ${END} "-"`, [PROXY, undefined, undefined]],
  [nginxMain, `${CLIENT} - - ${END} "${INNOCENT}"`, [CLIENT, INNOCENT, CLIENT]],
  [combinedXff, `${PROXY} - "" ${END} "${CLIENT}"`, [PROXY, CLIENT, CLIENT]],
  [combinedXff, `${PROXY} - - ${END} "\\""`, [PROXY, undefined, undefined]],
  [xff, `${INNOCENT}, ${CLIENT} - - ${END}`, [undefined, CLIENT, CLIENT]],
  [xff, `${CLIENT} - bob ${COMMON}`, [undefined, CLIENT, CLIENT]],
  [xff, `[2001:db8::7]:443 - - ${END} 1532`, [undefined, '2001:db8::7', '2001:db8::7']],
  [xff, `- - - ${END}`, [undefined, undefined, undefined]],
  [xff, `${CLIENT}; - - ${END}`, [undefined, undefined, undefined]],
  [xff, `${INNOCENT} - -, ${CLIENT} - - ${END}`, [undefined, undefined, undefined]],
  [
    xff,
    `${INNOCENT} - - ${WHEN} \\"GET / HTTP/1.1\\" 404 1, ${CLIENT} - - ${END}`,
    [undefined, undefined, undefined],
  ],
  [
    xff,
    `0 ${INNOCENT} TCP_MISS/404 1 GET /.env - D/1.1.1.1 t, ${CLIENT} - - ${END}`,
    [undefined, undefined, undefined],
  ],
  [xffHost, `${INNOCENT}, ${CLIENT} ${PROXY} - - ${END}`, [PROXY, CLIENT, CLIENT]],
  [xffHost, `- ${PROXY} - bob ${COMMON}`, [PROXY, undefined, undefined]],
  [xffHost, `${INNOCENT} - - ${PROXY} - - ${END}`, [undefined, undefined, undefined]],
  [hostXff, `${PROXY} (${INNOCENT}, ${CLIENT}) - - ${END}`, [PROXY, CLIENT, CLIENT]],
  [hostXff, `${PROXY} (-) - - ${COMMON}`, [PROXY, undefined, undefined]],
  [hostXff, `${PROXY} (${INNOCENT}) - -, ${CLIENT}) - - ${END}`, [PROXY, undefined, undefined]],
] as const) {
  test(`finds the client that a proxy names in ${format.name}: ${line.slice(0, 70)}`, () => {
    assert.is(recordOf(format, line, ALONE).client, alone, 'without proxies');
    assert.is(recordOf(format, line, BEHIND).client, behind, 'behind a proxy');
    assert.is(recordOf(format, line, TRUSTED).client, trusted, 'with trusted proxies');
    const { method, target, status, time } = recordOf(format, line);
    assert.equal([method, target, status, time], ['GET', '/.env', '404', TIME]);
  });
}

test('gives no client when a trusted proxy has sent the request and the line has no header', () => {
  const record = recordOf(combined, `${PROXY} - - ${END}`, TRUSTED);
  assert.is(record.client, undefined);
  assert.match(record.noClient ?? '', 'trusted proxy');
  assert.is(recordOf(combined, `${CLIENT} - - ${END}`, TRUSTED).client, CLIENT);
});

test('does not read a line of another format', () => {
  for (const [format, line] of [
    [nginxMain, `${CLIENT} - - ${END}`],
    [nginxMain, `${CLIENT} - - ${END} "x`],
    [nginxMain, `${CLIENT} - - ${END} "x"y`],
    [xff, `${CLIENT} - - ${COMMON} 1532`],
    [hostXff, `${CLIENT} - - ${END}`],
    [hostXff, `${CLIENT}, ${PROXY} (-) - - ${END}`],
  ] as const)
    assert.is(format.newReader(BEHIND).read(line).kind, 'unreadable', `${format.name}: ${line}`);
});

for (const [line, name] of [
  [`${INNOCENT}, ${CLIENT} - - ${END}`, 'xff'],
  [`unknown, ${CLIENT} - bob ${COMMON}`, 'xff'],
  [`${INNOCENT},${CLIENT} - - ${END}`, 'xff'],
  [`${INNOCENT}, ${CLIENT} ${PROXY} - - ${END}`, 'xff_host'],
  [`2001:db8::7, ${CLIENT} ${PROXY} - - ${END}`, 'xff_host'],
  // The second address may be the header, in which a client can write any address.
  [`${CLIENT} ${PROXY} - - ${END}`, undefined],
  [`${CLIENT} ${INNOCENT} - - ${END}`, undefined],
  [`${PROXY} (${INNOCENT}, ${CLIENT}) - - ${END}`, 'host_xff'],
  [`${PROXY} (-) - - ${COMMON}`, 'host_xff'],
  // No reader can know the meaning of the text after the user agent: it may be a cookie.
  [`${PROXY} - - ${END} "${CLIENT}"`, 'combined'],
  [`${CLIENT} - - ${END}`, 'combined'],
  [`www.example.org:443 ${CLIENT} - - ${END}`, 'vhost_combined'],
  [`unknown ${CLIENT} - - ${END}`, 'vhost_combined'],
  [`- ${PROXY} - - ${END}`, undefined],
  [`foo, ${CLIENT} - - ${END}`, undefined],
  [`${CLIENT}, foo ${PROXY} - - ${END}`, undefined],
  [`${INNOCENT} - -, ${CLIENT} - - ${END}`, undefined],
  [`${PROXY} (${INNOCENT}) - -, ${CLIENT}) - - ${END}`, undefined],
] as const) {
  test(`recognizes ${name ?? 'no format'} by ${line.slice(0, 70)}`, () => {
    const reader = new LogReader(ALONE);
    reader.read(line);
    assert.is(reader.state.format, name, reader.state.tied.join());
  });
}

test('gives each format its own name', () => {
  assert.is(new Set(FORMATS.map(({ name }) => name)).size, FORMATS.length);
});

/** A request as it comes through a proxy, which has appended the client's address to the header. */
const throughProxy = (sent: Sent): Sent => {
  const header = sent.headers['x-forwarded-for'];
  const forwarded = header === undefined || header === '' ? CLIENT : `${header}, ${CLIENT}`;
  return { ...sent, peer: PROXY, headers: { ...sent.headers, 'x-forwarded-for': forwarded } };
};

const BODY = '"%r" %>s %b "%{Referer}i" "%{User-Agent}i"';
const MAIN =
  '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"';

for (const [format, isCertain, render] of [
  [nginxMain, true, (sent) => renderNginx(`${MAIN} "$http_x_forwarded_for"`, 'default', sent)],
  [combinedXff, true, (sent) => renderApache(`%h %l %u %t ${BODY} "%{X-Forwarded-For}i"`, sent)],
  [xff, false, (sent) => renderApache(`%{X-Forwarded-For}i %l %u %t ${BODY}`, sent)],
  [xff, false, (sent) => renderApache('%{X-Forwarded-For}i %l %u %t "%r" %>s %b', sent)],
  [xffHost, false, (sent) => renderApache(`%{X-Forwarded-For}i %h %l %u %t ${BODY}`, sent)],
  [hostXff, false, (sent) => renderApache(`%h (%{X-Forwarded-For}i) %l %u %t ${BODY} %D`, sent)],
] as const satisfies readonly (readonly [LogFormat, boolean, (sent: Sent) => string])[]) {
  test(`finds the true client or none in ${format.name} when a client writes hostile texts`, () => {
    const readers = [BEHIND, TRUSTED].map((options) => format.newReader(options));
    fc.assert(
      fc.property(hostileRequest.map(throughProxy), (sent) => {
        const line = render(sent);
        for (const reader of readers) {
          const reading = reader.read(line);
          if (reading.kind === 'nothing') continue;
          assert.is(reading.kind, 'access', line);
          if (reading.kind !== 'access') continue;
          if (isCertain || reading.client !== undefined) assert.is(reading.client, CLIENT, line);
        }
      }),
      { numRuns: 2000 },
    );
  });
}

test('does not mistake the address in a line’s site for the client', () => {
  const line = `2001:db8::99:80 ${CLIENT} - - ${END}`;
  const reading = vhostCombined.newReader(ALONE).read(line);
  assert.is(reading.kind === 'access' && reading.client, CLIENT);
});

test.run();
