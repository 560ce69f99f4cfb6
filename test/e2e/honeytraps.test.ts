import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { allOnOneNetwork } from '../lab/fixtures.ts';
import { type GuardedSite, including, startGuardedSite } from '../lab/modsecurity.ts';
import { ADDRESS, type Network } from '../lab/network.ts';
import { eventually } from '../lab/server.ts';
import { labSuite } from '../lab/suite.ts';
import { leftToAll } from '../runner/share.ts';

const test = labSuite('Honeytraps', 'apache2');
const inAll = leftToAll(test);
const SITE = `http://${ADDRESS.web}`;
const SITE6 = `http://[${ADDRESS.web6}]`;
const HOST = ['--header', 'Host: web.example'];

let network: Network;
let site: GuardedSite | undefined;

allOnOneNetwork(test, (made) => {
  network = made;
});
test.after.each(async () => {
  await site?.apache.stop();
  site = undefined;
});

const honeytraps = (definitions = {}, more: string[] = []) =>
  including([...more, 'honeytraps.conf'], definitions);

async function start(fragments: string): Promise<GuardedSite> {
  site = await startGuardedSite(network, fragments);
  return site;
}

const knock = (srcip: string) => ({ rule: 117010, level: 10, srcip, by: 999004 });
const known = (srcip: string) => ({ rule: 117011, level: 12, srcip, by: 999005 });

for (const port of [8000, 8080, 8888]) {
  test(`reports and tags a client that knocks on ${port}, but not its neighbour, on the real site`, async () => {
    const { ask, alerts } = await start(honeytraps());
    assert.is(await ask(ADDRESS.attacker, `${SITE}/`, ...HOST), 200);
    assert.is(await ask(ADDRESS.attacker, `${SITE}:${port}/`), 404);
    assert.equal(await alerts(), [knock(ADDRESS.attacker)]);
    assert.is(await ask(ADDRESS.attacker, `${SITE}/`, ...HOST), 403);
    assert.is(await ask(ADDRESS.attacker, `${SITE}/`, ...HOST, '--user-agent', 'another'), 403);
    assert.equal(await alerts(), [known(ADDRESS.attacker), known(ADDRESS.attacker)]);
    assert.is(await ask(ADDRESS.visitor, `${SITE}/`, ...HOST), 200);
    assert.equal(await alerts(), []);
  });
}

test('reports and tags the whole IPv6 address that knocks', async () => {
  const { ask, alerts } = await start(honeytraps());
  assert.is(await ask(ADDRESS.attacker6, `${SITE6}:8888/`), 404);
  assert.is(await ask(ADDRESS.attacker6, `${SITE6}/`, ...HOST), 403);
  assert.equal(await alerts(), [knock(ADDRESS.attacker6), known(ADDRESS.attacker6)]);
});

inAll('uses the port of the connection, not the port of the Host header', async () => {
  const { ask, alerts } = await start(honeytraps());
  assert.is(await ask(ADDRESS.visitor, `${SITE}/`, '--header', 'Host: web.example:8888'), 200);
  assert.equal(await alerts(), []);
  assert.is(await ask(ADDRESS.attacker, `${SITE}:8888/`, '--header', 'Host: web.example:80'), 404);
  assert.is(await ask(ADDRESS.visitor, `${SITE}:8000/`, '--http1.0', '--header', 'Host:'), 404);
  assert.equal(await alerts(), [knock(ADDRESS.attacker), knock(ADDRESS.visitor)]);
});

test('lets the tag expire', async () => {
  const { ask } = await start(honeytraps({ RIPOSTE_HONEYTRAP_SECONDS: '8' }));
  await ask(ADDRESS.attacker, `${SITE}:8888/`);
  assert.is(await ask(ADDRESS.attacker, `${SITE}/`, ...HOST), 403);
  await eventually(
    'the tag has expired',
    async () => (await ask(ADDRESS.attacker, `${SITE}/`, ...HOST)) === 200,
  );
});

inAll('keeps the tag longer than ModSecurity keeps other records', async () => {
  const { ask } = await start(`SecCollectionTimeout 1\n${honeytraps({ RIPOSTE_HONEYTRAP_SECONDS: '60' })}`);
  await ask(ADDRESS.attacker, `${SITE}:8888/`);
  await wait(2500);
  assert.is(await ask(ADDRESS.attacker, `${SITE}/`, ...HOST), 403);
});

test('tags the client, not the proxy, behind a proxy', async () => {
  const proxy = ADDRESS.visitor;
  const { ask, alerts } = await start(honeytraps({ RIPOSTE_PROXIES: proxy }, ['behind-proxy.conf']));
  const via = (client: string) => [...HOST, '--header', `X-Forwarded-For: ${client}`];
  // The proxy appends the client's address after the client's own header.
  assert.is(await ask(proxy, `${SITE}:8888/`, ...via('192.0.2.1, 198.51.100.7')), 404);
  assert.is(await ask(proxy, `${SITE}/`, ...via('198.51.100.7')), 403);
  assert.equal(await alerts(), [knock('198.51.100.7'), known('198.51.100.7')]);
  assert.is(await ask(proxy, `${SITE}/`, ...via('198.51.100.8')), 200);
  assert.is(await ask(proxy, `${SITE}/`, ...via('192.0.2.1')), 200);
  assert.is(await ask(proxy, `${SITE}/`, ...HOST), 200);
  assert.is(await ask(proxy, `${SITE}:8888/`, ...via('2001:db8::9')), 404);
  assert.equal(await alerts(), [knock('2001:db8::9')]);
});

test('ignores X-Forwarded-For when the peer is not a proxy', async () => {
  const { ask, alerts } = await start(
    honeytraps({ RIPOSTE_PROXIES: '198.51.100.80' }, ['behind-proxy.conf']),
  );
  await ask(ADDRESS.attacker, `${SITE}:8888/`, '--header', `X-Forwarded-For: ${ADDRESS.visitor}`);
  assert.equal(await alerts(), [knock(ADDRESS.attacker)]);
  assert.is(await ask(ADDRESS.visitor, `${SITE}/`, ...HOST), 200);
});

test('serves nothing to an allowed client that knocks, and does not tag it', async () => {
  const { ask, alerts } = await start(
    honeytraps({ RIPOSTE_HONEYTRAP_FRIENDS: `127.0.0.1,${ADDRESS.visitor}` }),
  );
  assert.is(await ask(ADDRESS.visitor, `${SITE}:8888/`), 403);
  assert.is(await ask(ADDRESS.visitor, `${SITE}/`, ...HOST), 200);
  assert.equal(await alerts(), []);
});

inAll('reports a knock and serves nothing when ModSecurity only detects', async () => {
  const { ask, alerts } = await start(`SecRuleEngine DetectionOnly\n${honeytraps()}`);
  assert.is(await ask(ADDRESS.attacker, `${SITE}:8888/`), 403);
  assert.is(await ask(ADDRESS.attacker, `${SITE}:8888/`), 403);
  assert.is(await ask(ADDRESS.attacker, `${SITE}/`, ...HOST), 200);
  assert.equal(await alerts(), [knock(ADDRESS.attacker), knock(ADDRESS.attacker), known(ADDRESS.attacker)]);
});

inAll('traps only one port when two of the three lines are removed', async () => {
  const text = await readFile('httpd.conf.d/honeytraps.conf', 'utf8');
  const { ask } = await start(text.replace(/^Define RIPOSTE_HONEYTRAP_[23] .*$/gm, ''));
  assert.is(await ask(ADDRESS.visitor, `${SITE}:8080/`), 0);
  assert.is(await ask(ADDRESS.attacker, `${SITE}:8000/`), 404);
  assert.is(await ask(ADDRESS.attacker, `${SITE}/`, ...HOST), 403);
});

test.run();
