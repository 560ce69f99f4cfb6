import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseAddress } from '../../../base/address.ts';
import { type HostNames, lookUpBy } from '../../../evaluate/robots/look-up.ts';
import { isOperatorName } from '../../../evaluate/robots/operators.ts';

const A = 1;
const CNAME = 5;
const PTR = 12;
const NXDOMAIN = 3;
const SERVFAIL = 2;

/** A record of an answer. */
type Row = readonly [owner: string, type: number, data: Buffer];

/** A name in DNS's form; a label may hold any bytes. */
function encoded(...labels: string[]): Buffer {
  const parts = labels.flatMap((label) => [Buffer.from([label.length]), Buffer.from(label, 'latin1')]);
  return Buffer.concat([...parts, Buffer.from([0])]);
}
const dotted = (name: string) => encoded(...name.split('.'));
const address = (text: string) => Buffer.from(text.split('.').map(Number));

function record([owner, type, data]: Row): Buffer {
  const head = Buffer.alloc(10);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(1, 2);
  head.writeUInt16BE(data.length, 8);
  return Buffer.concat([dotted(owner), head, data]);
}

/** The answer to a query; a number is an error code. */
function reply(query: Buffer, rows: readonly Row[] | number): Buffer {
  const end = query.indexOf(0, 12) + 5;
  const isError = typeof rows === 'number';
  const head = Buffer.from(query.subarray(0, 12));
  head.writeUInt16BE(0x8180 | (isError ? rows : 0), 2);
  head.writeUInt16BE(isError ? 0 : rows.length, 6);
  head.writeUInt32BE(0, 8);
  return Buffer.concat([head, query.subarray(12, end), ...(isError ? [] : rows.map(record))]);
}

/**
 * Looks up 203.0.113.7 at a name server that answers PTR queries with `names` and A queries with `addresses`, and
 * does not answer PTR queries if `names` is undefined.
 */
async function lookUp(
  names: readonly Row[] | number | undefined,
  addresses: readonly Row[] | number = NXDOMAIN,
) {
  const queries: number[] = [];
  const server = createSocket('udp4');
  server.on('message', (query, { port }) => {
    const type = query.readUInt16BE(query.indexOf(0, 12) + 1);
    queries.push(type);
    const rows = type === PTR ? names : addresses;
    if (rows !== undefined) server.send(reply(query, rows), port, '127.0.0.1');
  });
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const found = await lookUpBy([`127.0.0.1:${port}`])(parseAddress('203.0.113.7'), isOperatorName);
  server.close();
  return { found, queries };
}

const REVERSE = '7.113.0.203.in-addr.arpa';
const NAME = 'crawl-1.googlebot.com';
const named = (...names: string[]): Row[] => names.map((name) => [REVERSE, PTR, dotted(name)]);
const at = (...addresses: string[]): Row[] => addresses.map((each) => [NAME, A, address(each)]);

const answered = (hasNames: boolean, ...confirmed: string[]): HostNames => ({
  isAnswered: true,
  hasNames,
  confirmed,
});
const FAILED: HostNames = { isAnswered: false, hasNames: false, confirmed: [] };

test('confirms a name when the client’s address is one of its addresses', async () => {
  assert.equal((await lookUp(named(NAME), at('203.0.113.7'))).found, answered(true, NAME));
  assert.equal((await lookUp(named(NAME), at('192.0.2.1', '203.0.113.7'))).found, answered(true, NAME));
});

test('does not confirm a name that resolves to another address or to none', async () => {
  assert.equal((await lookUp(named(NAME), at('192.0.2.1'))).found, answered(true));
  assert.equal((await lookUp(named(NAME), NXDOMAIN)).found, answered(true));
  assert.equal((await lookUp(named(NAME), [])).found, answered(true));
});

test('looks up no address of a name that belongs to no operator', async () => {
  const { found, queries } = await lookUp(named('host.example', 'evilgooglebot.com'), at('203.0.113.7'));
  assert.equal(found, answered(true));
  assert.equal(queries, [PTR]);
});

test('distinguishes an address without a name from a name server’s failure', async () => {
  assert.equal((await lookUp(NXDOMAIN)).found, answered(false));
  assert.equal((await lookUp([])).found, answered(false));
  assert.equal((await lookUp(SERVFAIL)).found, FAILED);
  assert.equal((await lookUp(named(NAME), SERVFAIL)).found, FAILED);
});

test('gives up when no answer comes', async () => {
  assert.equal((await lookUp(undefined)).found, FAILED);
});

test('follows an alias of the reverse name, as with delegated networks', async () => {
  const rows: Row[] = [
    [REVERSE, CNAME, dotted(`7.sub.${REVERSE}`)],
    [`7.sub.${REVERSE}`, PTR, dotted(NAME)],
  ];
  assert.equal((await lookUp(rows, at('203.0.113.7'))).found, answered(true, NAME));
});

for (const [what, labels] of [
  ['a NUL', ['a\0', 'googlebot', 'com']],
  ['a dot within a label', ['crawl.evil', 'example.googlebot.com']],
  ['a line feed', ['a\nb', 'googlebot', 'com']],
  ['a backslash', ['a\\', 'googlebot', 'com']],
  ['other bytes', ['\xff\xfe', 'googlebot', 'com']],
] as const)
  test(`confirms no name with ${what}`, async () => {
    const { found } = await lookUp([[REVERSE, PTR, encoded(...labels)]], at('203.0.113.7'));
    assert.equal(found.confirmed, []);
  });

test('looks up the addresses of at most three names of a client', async () => {
  const names = Array.from({ length: 12 }, (_, i) => `crawl-${i}.googlebot.com`);
  const { found, queries } = await lookUp(named(...names), at('192.0.2.1'));
  assert.equal(found, answered(true));
  assert.equal(queries, [PTR, A, A, A]);
});

test('treats a malformed answer as a failure', async () => {
  const endless: Row = [REVERSE, PTR, Buffer.from([0xc0, 0xff])];
  assert.equal((await lookUp([endless], at('203.0.113.7'))).found, FAILED);
});

test.run();
