import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { runWithArguments, statusOf } from '../lab/execd.ts';
import { allOnOneNetwork } from '../lab/fixtures.ts';
import { Installation } from '../lab/installation.ts';
import { ADDRESS, type Network } from '../lab/network.ts';
import { type Nginx, nginxProgram, startNginx } from '../lab/nginx.ts';
import { FORM } from '../lab/running-daemon.ts';
import { assertBlockedUntilDelete, type SeenFromOutside } from '../lab/seen-from-outside.ts';
import { eventually } from '../lab/server.ts';
import { labSuite, skippedSuite } from '../lab/suite.ts';
import { leftToAll, SHARE } from '../runner/share.ts';

/** The number of adds at once. */
const ADDS = SHARE === 'quick' ? 8 : 50;

const FILE = 'var/riposte/nginx/deny.geo';
const program = await nginxProgram();
const name = 'nginx-deny';
const test = program ? labSuite(name) : skippedSuite(name, 'nginx');
const inAll = leftToAll(test);
let network: Network;
let nginx: Nginx;
let at: Installation;

allOnOneNetwork(test, (made) => {
  network = made;
});
test.before.each(async () => {
  at = await Installation.create(network.web);
  await at.write(FILE, '');
  const geo = await fragment('deny-geo.conf');
  const deny = await fragment('deny.conf');
  nginx = await startNginx(
    network.web,
    program as string,
    (directory) => `${geo}
      include ${directory}/more*.conf;
      server { listen 80; listen [::]:80; root ${directory}/htdocs; access_log off; ${deny} }
      server { listen 8080; root ${directory}/htdocs; access_log off;
        set_real_ip_from 127.0.0.1; real_ip_header X-Forwarded-For; ${deny} }`,
  );
  const command = `${program} -p ${nginx.directory} -c ${nginx.directory}/nginx.conf`;
  await at.write(
    'etc/riposte.conf',
    `NGINX_FILE=${at.home}/${FILE}\nNGINX_CHECK=${command} -t\nNGINX_RELOAD=${command} -s reload\nCOMMAND_TIMEOUT=2m\n`,
  );
});
test.after.each(async () => {
  await nginx.stop();
  await at.remove();
});

/** A fragment of nginx.conf.d with the path of this test's file. */
const fragment = async (part: string): Promise<string> =>
  (await readFile(join('nginx.conf.d', part), 'utf8'))
    .replace(/^#.*$/gm, '')
    .replace('/var/lib/riposte/nginx/deny.geo', `${at.home}/${FILE}`);

const run = statusOf(name, () => at);
const outside: SeenFromOutside = {
  run,
  fetch: (from) => network.fetch(from),
  denied: 403,
  isLate: true,
};

/** Waits for the status: workers with the new configuration start a moment after the command has ended. */
const expect = (address: string, status: number) =>
  eventually(`${address} gets ${status}`, async () => (await network.fetch(address)) === status);

/** The number of times that nginx has read its configuration since it started. */
const reloads = async () =>
  (await readFile(join(nginx.directory, 'start.log'), 'utf8')).match(/: reconfiguring/g)?.length ?? 0;

test('denies a blocked address, but not its neighbour, until the delete', () =>
  assertBlockedUntilDelete(outside));

inAll('denies an IPv6 address and a prefix', async () => {
  assert.is(await run('add', ADDRESS.attacker6), 0);
  await expect(ADDRESS.attacker6, 403);
  assert.is(await run('add', '203.0.113.6/31'), 0);
  await expect(ADDRESS.attacker, 403);
  assert.is(await network.fetch(ADDRESS.visitor), 200);
});

inAll('denies a client behind a proxy by the address that nginx has found', async () => {
  const fromProxy = async (address: string) => {
    const url = 'http://127.0.0.1:8080/';
    const words = [
      'curl',
      '-s',
      '-o',
      '/dev/null',
      '-w',
      '%{http_code}',
      '-H',
      `X-Forwarded-For: ${address}`,
    ];
    return (await network.web.start([...words, url], { stdin: 'ignore' })).stdout;
  };
  assert.is(await run('add', '198.51.100.7'), 0);
  await eventually('it is denied', async () => (await fromProxy('198.51.100.7')) === '403');
  assert.is(await fromProxy('198.51.100.8'), '200');
});

test(`blocks each of ${ADDS} addresses that are added at once, with few reloads`, async () => {
  const addresses = Array.from({ length: ADDS }, (_, index) => `198.51.100.${index}`);
  const statuses = await Promise.all(addresses.map((address) => run('add', address)));
  // On a slow machine, a few adds may wait longer than five seconds and give up. A sweep blocks their addresses.
  for (const status of statuses) assert.ok(status === 0 || status === 75, `${status}`);
  if (statuses.includes(75)) await runWithArguments(at, name, ['--sweep']);
  const { stdout } = await runWithArguments(at, name, ['--list']);
  assert.is(stdout.match(/ {2}yes {2}/g)?.length, ADDS);
  const count = await reloads();
  assert.ok(count >= 1 && count <= ADDS / 2, `${count} reloads`);
});

test('restores the old file and reports a failure when nginx rejects its configuration', async () => {
  assert.is(await run('add', ADDRESS.visitor), 0);
  const before = await at.read(FILE);
  await writeFile(join(nginx.directory, 'more.conf'), 'no_such_directive on;\n');
  assert.is(await run('add', ADDRESS.attacker), 69);
  assert.is(await at.read(FILE), before);
  assert.match((await at.log()).at(-1) ?? '', /failed: .*no_such_directive/);
  assert.ok((await at.ledger(name, ADDRESS.attacker))?.failed);
  assert.is((await at.files()).filter((path) => /\.lock|\.tmp|unfinished/.test(path)).length, 0);
  await writeFile(join(nginx.directory, 'more.conf'), '');
  assert.is((await runWithArguments(at, name, ['--sweep'])).status, 0);
  await expect(ADDRESS.attacker, 403);
});

inAll('keeps a file that is not Riposte’s', async () => {
  await at.write(FILE, '192.0.2.1 1;\n');
  assert.is(await run('add', ADDRESS.attacker), 78);
  assert.is(await at.read(FILE), '192.0.2.1 1;\n');
  assert.match((await at.log()).at(-1) ?? '', /failed: .*set NGINX_FILE to a file of its own/);
});

inAll('puts back a lost address in a sweep', async () => {
  assert.is(await run('add', ADDRESS.attacker), 0);
  await at.write(FILE, '');
  const { stdout } = await runWithArguments(at, name, ['--sweep']);
  assert.match(stdout, /nginx-deny: \S+: restored: it was no longer in force/);
  await expect(ADDRESS.attacker, 403);
});

// With a daemon, this test would kill the daemon; daemon-faults.test.ts tests that.
(FORM === 'daemon' ? test.skip : test)(
  'reloads at the next change after a process was killed before it had reloaded',
  async () => {
    const conf = await at.read('etc/riposte.conf');
    const killer = join(nginx.directory, 'kill.sh');
    await writeFile(killer, '#!/bin/sh\nkill -9 $PPID\n', { mode: 0o755 });
    await at.write('etc/riposte.conf', conf.replace(/^NGINX_CHECK=.*$/m, `NGINX_CHECK=${killer}`));
    assert.is.not(await run('add', ADDRESS.attacker), 0);
    await at.write('etc/riposte.conf', conf);
    assert.is(await network.fetch(ADDRESS.attacker), 200);
    assert.is(await run('add', ADDRESS.visitor), 0);
    await expect(ADDRESS.attacker, 403);
    await expect(ADDRESS.visitor, 403);
  },
);

test.run();
