import { readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { fragment, startApache } from '../lab/apache.ts';
import { allOnOneNetwork } from '../lab/fixtures.ts';
import { including, MODSECURITY, startGuardedSite } from '../lab/modsecurity.ts';
import { ADDRESS, type Network } from '../lab/network.ts';
import { eventually } from '../lab/server.ts';
import { labSuite } from '../lab/suite.ts';

const test = labSuite('httpd.conf.d', 'apache2');
// Sorted by name, as a server sorts the files when it includes *.conf.
const FILES = readdirSync('httpd.conf.d').sort();
const DENYING = FILES.filter((name) => name.startsWith('deny-'));
const OTHERS = FILES.filter((name) => !DENYING.includes(name));
const SITE = `http://${ADDRESS.web}`;
const HOST = ['--header', 'Host: web.example'];

let network: Network;
allOnOneNetwork(test, (made) => {
  network = made;
});

/** The directives of a file, with an empty file of denied addresses. */
const directives = (name: string) =>
  DENYING.includes(name) ? fragment(name, '/dev/null') : including([name]);

for (const name of FILES) {
  test(`includes ${name} alone, with and without ModSecurity`, async () => {
    for (const extras of [undefined, MODSECURITY]) {
      const apache = await startApache(network.web, await directives(name), extras);
      const warnings = (await apache.errors()).match(/.* \[\w*:(?:warn|error|crit|alert|emerg)\] .*/g);
      assert.equal(warnings, null);
      // The lab's requests have a numeric Host header, which only modsecurity-scans.conf denies.
      const isDenied = name === 'modsecurity-scans.conf' && extras !== undefined;
      assert.is(await network.fetch(ADDRESS.visitor, `${SITE}/`), isDenied ? 400 : 200);
      await apache.stop();
    }
  });
}

test('opens no port for honeytraps without ModSecurity', async () => {
  const apache = await startApache(network.web, including(OTHERS));
  assert.is(await network.fetch(ADDRESS.visitor, `${SITE}:8888/`), 0);
  await apache.stop();
});

test('includes all compatible files together, and finds the client behind a proxy', async () => {
  const proxy = ADDRESS.visitor;
  const directory = await mkdtemp(join(tmpdir(), 'riposte-map-'));
  await chmod(directory, 0o755);
  const map = join(directory, 'deny.map');
  await writeFile(map, '198.51.100.9 deny\n');
  const ours = including(OTHERS, { RIPOSTE_PROXIES: proxy, RIPOSTE_OUR_HOSTS: 'web\\.example' });
  const { apache, ask, alerts } = await startGuardedSite(
    network,
    `${ours}\n${await fragment('deny-map.conf', map)}\n${await directives('deny-apache24.conf')}`,
  );
  const via = (client: string) => [...HOST, '--header', `X-Forwarded-For: ${client}`];

  assert.is(await ask(proxy, `${SITE}/`, ...via('198.51.100.1')), 200);
  assert.is(await ask(proxy, `${SITE}/?f=/etc/passwd`, ...via('198.51.100.2')), 403);
  assert.is(await ask(proxy, `${SITE}/`, ...via('198.51.100.3'), '--data', 'f=/etc/passwd'), 403);
  assert.is(await ask(proxy, `${SITE}/bin/msgimport`, ...via('198.51.100.4')), 404);
  assert.is(await ask(proxy, `${SITE}:8888/`, '--header', 'X-Forwarded-For: 198.51.100.5'), 404);
  assert.is(await ask(proxy, `${SITE}/`, ...via('198.51.100.5')), 403);
  assert.equal(
    (await alerts()).map(({ by, rule, srcip }) => `${srcip} ${by} ${rule}`),
    [
      '198.51.100.2 11701 117015',
      '198.51.100.3 11711 30411',
      '198.51.100.4 11720 117015',
      '198.51.100.5 999004 117010',
      '198.51.100.5 999005 117011',
    ],
  );
  assert.is(await ask(proxy, `${SITE}/`, ...via('198.51.100.9')), 403);
  assert.is(await ask(proxy, `${SITE}/`, ...via('198.51.100.1')), 200);
  assert.equal(await alerts(), []);

  // Apache writes to the access log after it has answered.
  let clients: string[] = [];
  await eventually('all requests are in the access log', async () => {
    clients = (await readFile(join(apache.directory, 'access.log'), 'utf8')).match(/^\S+(?=.*\n)/gm) ?? [];
    return clients.length >= 8;
  });
  assert.equal(
    clients,
    [1, 2, 3, 4, 5, 5, 9, 1].map((last) => `198.51.100.${last}`),
  );
  await apache.stop();
  await rm(directory, { recursive: true });
});

test("gives every rule its own id in Riposte's range", () => {
  const texts = FILES.map((name) => readFileSync(`httpd.conf.d/${name}`, 'utf8').replace(/^ *#.*$/gm, ''));
  const ids = texts.flatMap((text) => [...text.matchAll(/\bid:(\d+)/g)].map(([, id]) => Number(id)));
  assert.ok(ids.length > 15);
  assert.is(new Set(ids).size, ids.length);
  for (const id of ids) assert.ok((id >= 11700 && id <= 11799) || id === 999004 || id === 999005, `${id}`);
});

test.run();
