import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { morfeus, request } from '../lab/access-log.ts';
import { DnsServer, startSlowDns, useOwnDns } from '../lab/dns-server.ts';
import { killServerAfterEach } from '../lab/fixtures.ts';
import { Host } from '../lab/host.ts';
import { Installation } from '../lab/installation.ts';
import { eventually, RunningServer, verb } from '../lab/server.ts';
import { labSuite } from '../lab/suite.ts';
import type { Stop } from '../lab/web-server.ts';
import { leftToAll } from '../runner/share.ts';

const test = labSuite('crawlers', 'nft', 'dnsmasq');
const inAll = leftToAll(test);

const GOOGLEBOT = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)';
const BAIDUSPIDER = 'Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)';

/** The addresses in the zones of the name server. */
const RIGHT = '203.0.113.20';
const FORGED = '203.0.113.21';
const SLOW = '203.0.113.22';
const SILENT = '203.0.113.23';
const SIMILAR = '203.0.113.24';
const PREFIXED = '203.0.113.25';
const MANY = '203.0.113.26';
const NAMELESS = '203.0.113.27';
const RIGHT6 = '2001:db8:113::20';
const ATTACKER = '203.0.113.7';

const reverse = (address: string) => `${address.split('.').reverse().join('.')}.in-addr.arpa`;
const many = Array.from({ length: 40 }, (_, i) => `ptr-record=${reverse(MANY)},a${i}.host.example`);

const ZONES = [
  `host-record=crawl-203-0-113-20.googlebot.com,${RIGHT},${RIGHT6}`,
  `ptr-record=${reverse(FORGED)},crawl-203-0-113-20.googlebot.com`,
  `address=/crawl-203-0-113-22.googlebot.com/${SLOW}`,
  `server=/${reverse(SLOW)}/127.0.0.1#5301`,
  `server=/${reverse(SILENT)}/127.0.0.1#5303`,
  `host-record=crawl.evilgooglebot.com,${SIMILAR}`,
  `host-record=googlebot.com.evil.example,${PREFIXED}`,
  ...many,
];

let host: Host;
let at: Installation;
let directory = '';
let log = '';
let dns: DnsServer;
let server: RunningServer | undefined;
let stops: Stop[] = [];

test.before(async () => {
  host = await Host.create('web', { hasMounts: true });
  directory = await mkdtemp(join(tmpdir(), 'riposte-dns-'));
  await useOwnDns(host, directory);
  const behind = await DnsServer.start(
    host,
    directory,
    [`host-record=crawl-203-0-113-22.googlebot.com,${SLOW}`],
    5302,
  );
  stops = [() => behind.stop(), await startSlowDns(host, 5301, 5302, 300)];
  stops.push(await startSlowDns(host, 5303, 5302, Number.POSITIVE_INFINITY));
});
test.after(async () => {
  for (const stop of stops) await stop();
  await host.remove();
  await rm(directory, { recursive: true });
});
test.before.each(async () => {
  dns = await DnsServer.start(host, directory, ZONES);
  at = await Installation.create(host);
  log = `${at.home}/access.log`;
  await writeFile(log, '');
});
killServerAfterEach(test, () => server);
test.after.each(async () => {
  await dns.stop();
  await host.start(['nft', 'flush', 'ruleset'], {});
  await at.remove();
});

const write = (text: string) => appendFile(log, text);

const missing = (address: string, count: number, agent = GOOGLEBOT, from = 0) =>
  Array.from({ length: count }, (_, i) =>
    request(address, `/old/page-${from + i}`, 404, Date.now(), agent),
  ).join('');

const probes = (address: string, agent = GOOGLEBOT) =>
  ['/phpmyadmin/', '/manager/html', '/owa/']
    .map((path) => request(address, path, 404, Date.now(), agent))
    .join('');

async function blocked(address: string): Promise<Record<string, unknown>> {
  const isInLedger = async () => (await at.ledger('firewall-drop', address)) !== undefined;
  await eventually(`${address} is in the ledger`, isInLedger, { orElse: () => server?.said ?? '' });
  return (await at.ledger('firewall-drop', address)) ?? {};
}

/** Waits until the server has read the log so far: writes an attack from another address, and waits for its block. */
async function read(address = ATTACKER): Promise<void> {
  await write(morfeus(address));
  await blocked(address);
}

const serve = async () => {
  server = await RunningServer.start(at, [log]);
};

const history = async () => (await verb(at, ['history'])).stdout;

const HELD = 'it is Googlebot: its name crawl-203-0-113-20.googlebot.com resolves to this address';

test('serve holds proved crawlers of both families for a burst and probes, and records each once', async () => {
  const both = [RIGHT, RIGHT6];
  await serve();
  for (const address of both) {
    await write(missing(address, 100));
    await server?.says(new RegExp(`${address}.*held: it is Googlebot`));
    await write(probes(address));
  }
  await read();
  for (const address of both) assert.equal(await at.ledger('firewall-drop', address), undefined);
  const held = (await at.journal()).filter(({ event }) => event === 'held');
  assert.equal(
    held.map((each) => [each.address, each.reason, each.rule]),
    both.map((address) => [address, `${address} is not blocked: ${HELD}`, '117103']),
  );
  assert.match(await history(), HELD);
});

test('serve blocks a proved crawler for an exploit at once', async () => {
  await serve();
  await write(missing(RIGHT, 30));
  await server?.says(/held: it is Googlebot/);
  await write(request(RIGHT, '/.env', 404, Date.now(), GOOGLEBOT));
  assert.is((await blocked(RIGHT)).rule, '117100');
});

test('serve blocks a false Googlebot at a visitor’s limit, whatever names its address has', async () => {
  await serve();
  for (const [what, address] of [
    ['a name that belongs to another address', FORGED],
    ['a name in a domain with a similar end', SIMILAR],
    ['a name with a similar beginning', PREFIXED],
    ['forty names elsewhere', MANY],
    ['no name', NAMELESS],
  ] as const) {
    await write(missing(address, 16));
    assert.is((await blocked(address)).rule, '117103', what);
  }
});

inAll(
  'serve uses a robot’s limit for an address without a name if some robots of that operator have no name',
  async () => {
    await serve();
    await write(missing(NAMELESS, 30, BAIDUSPIDER));
    await eventually('the address is looked up', async () => dns.queries.includes(reverse(NAMELESS)));
    await read();
    await write(missing(NAMELESS, 30, BAIDUSPIDER, 30));
    assert.is((await blocked(NAMELESS)).rule, '117105');
  },
);

test('serve uses a robot’s limit, and continues to read, when no name server answers', async () => {
  await serve();
  await write(missing(SILENT, 30));
  await eventually('the address is looked up', async () => dns.queries.includes(reverse(SILENT)));
  await read();
  await write(missing(SILENT, 30, GOOGLEBOT, 30));
  assert.is((await blocked(SILENT)).rule, '117105');
});

inAll('serve blocks an unproved robot for probes when no name server answers', async () => {
  await serve();
  await write(probes(SILENT));
  assert.is((await blocked(SILENT)).rule, '117102');
});

test('serve waits for a slow answer before it holds a crawler', async () => {
  await serve();
  await write(probes(SLOW) + missing(SLOW, 100));
  await read();
  await server?.says(new RegExp(`${SLOW}.*held: it is Googlebot`));
  assert.equal(await at.ledger('firewall-drop', SLOW), undefined);
});

test('serve asks no name server about visitors, or about robots below a limit', async () => {
  await serve();
  await write(missing(RIGHT, 15) + missing(FORGED, 30, 'Mozilla/5.0'));
  await blocked(FORGED);
  assert.equal(dns.queries, []);
});

inAll('serve asks no name server with VERIFY_ROBOTS=no', async () => {
  await at.write('etc/riposte.conf', 'VERIFY_ROBOTS=no\n');
  await serve();
  await write(missing(RIGHT, 60));
  assert.is((await blocked(RIGHT)).rule, '117105');
  assert.equal(dns.queries, []);
});

test('serve blocks a robot without waiting for its proof when serve is stopped', async () => {
  await serve();
  await write(probes(SILENT));
  await eventually('the address is looked up', async () => dns.queries.includes(reverse(SILENT)));
  assert.is(await server?.end(), 0);
  assert.is((await blocked(SILENT)).rule, '117102');
});

test('scan holds a proved crawler, and blocks false crawlers and a proved crawler’s exploit', async () => {
  const exploit = request(SLOW, '/.env', 404, Date.now(), GOOGLEBOT);
  const lines = [missing(RIGHT, 100), probes(SLOW), exploit, missing(FORGED, 30), missing(SILENT, 30)];
  await write(lines.join('') + missing(SIMILAR, 30));
  const { exitCode, stdout } = await verb(at, ['scan', log]);
  assert.is(exitCode, 0);
  assert.match(stdout, `held: ${HELD}`);
  assert.match(stdout, / 3 blocked$/);
  assert.is((await blocked(SLOW)).rule, '117100');
  assert.is((await blocked(FORGED)).rule, '117103');
  assert.is((await blocked(SIMILAR)).rule, '117103');
  assert.match(await history(), HELD);
});

inAll('scan --simulate says that it would hold a crawler, and records nothing', async () => {
  await write(missing(RIGHT, 100) + missing(FORGED, 30));
  const { stdout } = await verb(at, ['scan', '--simulate', log]);
  assert.match(stdout, `held: ${HELD}`);
  assert.match(stdout, / 1 would be blocked$/);
  assert.equal(await at.journal(), []);
});

/** The blocks that replay prints, in the order of their addresses. */
async function replay(...options: string[]): Promise<unknown[][]> {
  await at.write('etc/riposte.conf', 'SITES=example.org\n');
  const { stdout } = await verb(at, ['replay', '--json', ...options, log]);
  const rows = stdout.split('\n').map((line) => JSON.parse(line));
  return rows
    .slice(0, -1)
    .map(({ address, rule, held }) => [address, rule, held ?? 'blocked'])
    .sort();
}

test('replay asks no name server without --dns', async () => {
  await write(missing(RIGHT, 100) + missing(FORGED, 30));
  assert.equal(await replay(), [[RIGHT, 117105, 'blocked']]);
  assert.equal(dns.queries, []);
});

test('replay --dns shows a proved crawler as held, but its exploit and a false crawler as blocked', async () => {
  const exploit = request(RIGHT, '/.env', 404, Date.now(), GOOGLEBOT);
  await write(missing(RIGHT, 100) + missing(FORGED, 30) + missing(SILENT, 30) + exploit);
  assert.equal(await replay('--dns'), [
    [RIGHT, 117100, 'blocked'],
    [RIGHT, 117103, HELD],
    [FORGED, 117103, 'blocked'],
  ]);
});

test.run();
