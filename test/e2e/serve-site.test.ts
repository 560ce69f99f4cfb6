import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { Apache } from '../lab/apache.ts';
import { fragment } from '../lab/apache.ts';
import { Installation } from '../lab/installation.ts';
import { ModSecurityHook } from '../lab/modsec-hook.ts';
import { including, startGuardedSite } from '../lab/modsecurity.ts';
import { ADDRESS, createNetwork, type Network } from '../lab/network.ts';
import { eventually, RunningServer } from '../lab/server.ts';
import { labSuite } from '../lab/suite.ts';
import { leftToAll, someOf } from '../runner/share.ts';

/** A real Apache with ModSecurity, `riposte serve` on its logs, and the blocks in the kernel. */
const test = labSuite('a site with riposte serve', 'apache2', 'nft', 'bash', 'flock');
const inAll = leftToAll(test);
const SITE = `http://${ADDRESS.web}`;
const HOST = ['--header', 'Host: web.example'];
const { attacker, visitor } = ADDRESS;

let network: Network;
let at: Installation;
let apache: Apache | undefined;
let server: RunningServer | undefined;
let ask: (from: string, ...words: string[]) => Promise<number>;

test.before.each(async () => {
  network = await createNetwork();
  at = await Installation.create(network.web);
});
test.after.each(async () => {
  await server?.end('SIGKILL');
  await apache?.stop();
  [server, apache] = [undefined, undefined];
  await network.remove();
  await at.remove();
});

async function site(fragments: string): Promise<void> {
  ({ apache, ask } = await startGuardedSite(network, fragments));
}

/** The paths of Apache's logs in the lab. */
const logs = () => ['access.log', 'error.log'].map((name) => join(apache?.directory ?? '', name));

async function serve(...args: string[]): Promise<void> {
  server = await RunningServer.start(at, args.length > 0 ? args : logs());
}

async function getsNoAnswer(from: string): Promise<void> {
  await eventually(`${from} gets no answer`, async () => (await network.fetch(from)) === 0);
  await eventually('the journal has the event', async () =>
    (await at.journal()).some(({ event, address }) => event === 'blocked' && address === from),
  );
}

const SCANS: Record<string, string[][]> = {
  'text 000, roundcube': [['/roundcube/bin/msgimport'], ['/mail/bin/msgimport']],
  'text 000, Morfeus': [['/user/soapCaller.bs', '--user-agent', 'Morfeus Fucking Scanner']],
  'text 000, w00tw00t': [['/w00tw00t.at.ISC.SANS.DFind:)']],
  'text 000, open proxy': Array.from({ length: 8 }, () => [
    '/',
    '--request-target',
    'http://www.example.net/prx1.php',
  ]),
  'text 002, ZmEu': ['phpadmin', 'mysql', 'pma', 'db', 'myadmin'].map((path) => [
    `/${path}/scripts/setup.php`,
    '--user-agent',
    'ZmEu',
  ]),
  'text 003, pingback spam': Array.from({ length: 5 }, () => [
    '/xmlrpc.php',
    '--user-agent',
    'PHP/5.2.10',
    '--header',
    'Content-Length: no number',
    '--request',
    'POST',
  ]),
  'text 004, a knock': [[':8888/']],
};

for (const [name, requests] of someOf(Object.entries(SCANS))) {
  test(`${name}: blocks the attacker’s next connection, but not the visitor’s`, async () => {
    await site(including(['honeytraps.conf', 'modsecurity-requests.conf', 'modsecurity-scans.conf']));
    await serve();
    assert.is(await ask(attacker, `${SITE}/`, ...HOST), 200);
    for (const [path = '', ...words] of requests) await ask(attacker, `${SITE}${path}`, ...HOST, ...words);
    await getsNoAnswer(attacker);
    assert.is(await ask(visitor, `${SITE}/`, ...HOST), 200);
  });
}

inAll('finds a scan in the access log when ModSecurity is off', async () => {
  await site('SecRuleEngine Off');
  await serve();
  for (let page = 0; page < 20; page++) await ask(attacker, `${SITE}/page${page}.php`, ...HOST);
  await getsNoAnswer(attacker);
});

test('never blocks an ordinary session with 30 pages, images, two 404s and a login', async () => {
  await site(including(['honeytraps.conf', 'modsecurity-requests.conf', 'modsecurity-scans.conf']));
  const documents = join(apache?.directory ?? '', 'htdocs');
  for (let page = 0; page < 30; page++)
    for (const name of [`page${page}.html`, `image${page}.png`]) await writeFile(join(documents, name), name);
  await serve();
  for (let page = 0; page < 30; page++) {
    assert.is(await ask(visitor, `${SITE}/page${page}.html`, ...HOST), 200);
    assert.is(await ask(visitor, `${SITE}/image${page}.png`, ...HOST), 200);
  }
  for (const path of ['/favicon.ico', '/apple-touch-icon.png'])
    assert.is(await ask(visitor, `${SITE}${path}`, ...HOST), 404);
  await ask(visitor, `${SITE}/index.html`, ...HOST, '--data', 'user=bob&password=correct+horse');
  // The attacker's block shows that the whole log has been evaluated.
  await ask(attacker, `${SITE}:8000/`);
  await getsNoAnswer(attacker);
  assert.is(await ask(visitor, `${SITE}/`, ...HOST), 200);
  assert.equal([...new Set((await at.journal()).map(({ address }) => address))], [attacker]);
});

inAll(
  'blocks a client that connects to port 8888, and ModSecurity still denies that client on port 80 after the block',
  async () => {
    await site(including(['honeytraps.conf']));
    await serve();
    await ask(attacker, `${SITE}:8888/`);
    await getsNoAnswer(attacker);
    await server?.end();
    await network.web.run('nft flush ruleset');
    assert.is(await ask(attacker, `${SITE}/`, ...HOST), 403);
    assert.is(await ask(visitor, `${SITE}/`, ...HOST), 200);
  },
);

test('denies the client in Apache behind a proxy, and never blocks the proxy', async () => {
  const map = join(at.home, 'deny.map');
  await writeFile(map, '');
  const proxy = visitor;
  await at.write('etc/riposte.conf', `APACHE_FILE=${map}\n`);
  await at.write('etc/riposte.allow', `${proxy}\n`);
  const deny = await fragment('deny-map.conf', map);
  await site(`${including(['behind-proxy.conf', 'honeytraps.conf', 'modsecurity-scans.conf'], { RIPOSTE_PROXIES: proxy })}
LogFormat "%a %l %u %t \\"%r\\" %>s %O \\"%{Referer}i\\" \\"%{User-Agent}i\\"" combined
${deny}`);
  await serve('--response', 'apache-deny', ...logs());
  const via = (client: string) => [...HOST, '--header', `X-Forwarded-For: ${client}`];
  assert.is(await ask(proxy, `${SITE}/`, ...via('198.51.100.7')), 200);
  await ask(proxy, `${SITE}/roundcube/bin/msgimport`, ...via('198.51.100.7'));
  await eventually('the client is denied', async () => {
    return (await ask(proxy, `${SITE}/`, ...via('198.51.100.7'))) === 403;
  });
  assert.is(await ask(proxy, `${SITE}/`, ...via('198.51.100.8')), 200);
  assert.is(await ask(proxy, `${SITE}/`, ...HOST), 200);
  assert.not.match((await host('nft list ruleset')) ?? '', proxy);
});

const host = (command: string) => network.web.run(command);

test('blocks an address that only ModSecurity’s hook reports', async () => {
  const hook = await ModSecurityHook.create();
  await at.write('etc/riposte.conf', `HOOK_GROUP=www-data\nHOOK_DIRECTORY=${hook.run}\n`);
  await at.write('other.log', '');
  await site(hook.rule(process.execPath));
  await serve(`${at.home}/other.log`);
  assert.is(await ask(attacker, `${SITE}/attack`, ...HOST), 403);
  await getsNoAnswer(attacker);
  assert.is(await ask(visitor, `${SITE}/`, ...HOST), 200);
  await hook.remove();
});

inAll('blocks no allowed address that the hook reports', async () => {
  const hook = await ModSecurityHook.create();
  await at.write('etc/riposte.conf', `HOOK_GROUP=www-data\nHOOK_DIRECTORY=${hook.run}\n`);
  await at.write('etc/riposte.allow', `${visitor}\n`);
  await at.write('other.log', '');
  await site(hook.rule(process.execPath));
  await serve(`${at.home}/other.log`);
  assert.is(await ask(visitor, `${SITE}/attack`, ...HOST), 403);
  await ask(attacker, `${SITE}/attack`, ...HOST);
  await getsNoAnswer(attacker);
  assert.is(await ask(visitor, `${SITE}/`, ...HOST), 200);
  await hook.remove();
});

test.run();
