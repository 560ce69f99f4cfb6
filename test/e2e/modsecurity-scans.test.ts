import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { alertsOf, type GuardedSite, including, startGuardedSite } from '../lab/modsecurity.ts';
import { ADDRESS, createNetwork, type Network } from '../lab/network.ts';
import { labSuite } from '../lab/suite.ts';

const test = labSuite("ModSecurity's rules for scans", 'apache2');
const SITE = `http://${ADDRESS.web}`;
const HOST = ['--header', 'Host: web.example'];
const NO_HOST = ['--http1.0', '--header', 'Host:'];
const AS_PROXY = ['--proxy', `${SITE}:80`];
const MORFEUS = ['--user-agent', 'Morfeus Fucking Scanner'];

/** Arguments of curl, the status, the rule of ModSecurity, and the manager's rule. */
const SCANS: readonly (readonly [words: readonly string[], status: number, by: number, rule: number])[] = [
  [[`${SITE}/nonexistenshit`, ...HOST], 404, 11720, 117015],
  [[`${SITE}/mail/bin/msgimport`, ...HOST], 404, 11720, 117015],
  [[`${SITE}/bin/msgimport`, ...HOST], 404, 11720, 117015],
  [[`${SITE}/rc//bin/./MsgImport`, ...HOST], 404, 11720, 117015],
  [[`${SITE}/webmail/bin/%6dsgimport`, ...HOST], 404, 11720, 117015],
  [[`${SITE}/user/soapCaller.bs`, ...HOST, ...MORFEUS], 404, 11720, 117015],
  [[`${SITE}/`, ...HOST, ...MORFEUS], 404, 11721, 117015],
  [[`${SITE}/w00tw00t.at.ISC.SANS.DFind:)`, ...NO_HOST], 404, 11720, 117015],
  [['http://proxytest.pr.funpic.de/', '--http1.0', ...AS_PROXY], 404, 11722, 117015],
  [['http://www.example.com/proxyheader.php', ...AS_PROXY], 404, 11722, 117015],
  [['http://www.example.com:443/', '--proxytunnel', ...AS_PROXY], 405, 11723, 117015],
  [['http://www.example.com/', ...AS_PROXY], 400, 11731, 117013],
  [['http://web.example@www.example.com/', ...AS_PROXY], 400, 11731, 117013],
];

let network: Network;
let site: GuardedSite;
let directory: string;

test.before(async () => {
  network = await createNetwork();
  directory = await mkdtemp(join(tmpdir(), 'riposte-hook-'));
  await chmod(directory, 0o777);
  const definitions = { RIPOSTE_OUR_HOSTS: 'web\\.example', RIPOSTE_HOOK: `${directory}/hook` };
  site = await startGuardedSite(network, including(['modsecurity-scans.conf'], definitions));
});
test.before.each(() => writeHook('echo 0 reported'));
test.after(async () => {
  await site.apache.stop();
  await network.remove();
  await rm(directory, { recursive: true });
});

/** Makes a stand-in for the hook: it saves its environment, and then runs these commands. */
async function writeHook(command: string): Promise<void> {
  await rm(`${directory}/environment`, { force: true });
  await writeFile(
    `${directory}/hook`,
    `#!/bin/sh\n(id -un; echo $# arguments; env) > ${directory}/environment\n${command}\n`,
  );
  await chmod(`${directory}/hook`, 0o755);
}

const environment = () => readFile(`${directory}/environment`, 'utf8').catch(() => '');

for (const [words, status, by, rule] of SCANS) {
  test(`denies ${words.slice(0, 2).join(' ')} by ${by}, reports it, and runs the hook`, async () => {
    assert.is(await site.ask(ADDRESS.attacker, ...words), status);
    const level = rule === 117015 ? 10 : 7;
    const lines = await site.lines();
    assert.equal(await alertsOf(lines), [{ rule, level, srcip: ADDRESS.attacker, by }]);
    const got = await environment();
    const uniqueId = /\[unique_id "([^"]+)"\]/.exec(lines[0] ?? '')?.[1];
    assert.match(got, /^www-data\n0 arguments\n/);
    for (const line of [`REMOTE_ADDR=${ADDRESS.attacker}`, `UNIQUE_ID=${uniqueId}`, 'REQUEST_URI='])
      assert.ok(got.includes(`\n${line}`), line);
  });
}

test('passes the request to the hook unchanged', async () => {
  await site.ask(ADDRESS.attacker, `${SITE}/nonexistenshit?a=%27$(id)`, ...HOST, ...MORFEUS);
  await site.lines();
  const got = await environment();
  for (const line of [
    'REQUEST_METHOD=GET',
    'REQUEST_URI=/nonexistenshit?a=%27$(id)',
    'QUERY_STRING=a=%27$(id)',
    'HTTP_USER_AGENT=Morfeus Fucking Scanner',
    'HTTP_HOST=web.example',
  ])
    assert.ok(got.includes(`\n${line}\n`), line);
});

test('denies the scan, and logs a complaint, when the hook writes nothing', async () => {
  await writeHook('exit 0');
  assert.is(await site.ask(ADDRESS.attacker, `${SITE}/nonexistenshit`, ...HOST), 404);
  const lines = await site.lines();
  assert.match(lines.join('\n'), /Exec: Execution failed while reading output/);
  assert.match(lines.join('\n'), /Failed to execute: /);
  assert.match(lines.at(-1) ?? '', /Access denied with code 404/);
});

test('denies the scan when the hook is missing or fails', async () => {
  await writeHook('echo 1 no; exit 3');
  assert.is(await site.ask(ADDRESS.attacker, `${SITE}/nonexistenshit`, ...HOST), 404);
  assert.is((await site.lines()).length, 1);
  await rm(`${directory}/hook`);
  assert.is(await site.ask(ADDRESS.attacker, `${SITE}/nonexistenshit`, ...HOST), 404);
  assert.ok((await site.alerts()).some(({ by }) => by === 11720));
});

test('denies and reports a numeric Host header, and does not run the hook', async () => {
  assert.is(await site.ask(ADDRESS.attacker, `${SITE}/`), 400);
  assert.is(await site.ask(ADDRESS.attacker6, `http://[${ADDRESS.web6}]/`), 400);
  assert.is(await site.ask(ADDRESS.attacker, `${SITE}/`, '--header', 'Host: 203.0.113.1:80'), 400);
  assert.equal(
    (await site.alerts()).map(({ rule, srcip, by }) => [rule, srcip, by]),
    [ADDRESS.attacker, ADDRESS.attacker6, ADDRESS.attacker].map((address) => [117012, address, 11730]),
  );
  assert.is(await environment(), '');
});

test('lets host names, a certificate authority, the site’s absolute URIs, and scanners’ names in a query pass', async () => {
  for (const host of ['web.example', 'web.example:80', '1.web.example', '203.0.113.1.example'])
    assert.is(await site.ask(ADDRESS.visitor, `${SITE}/`, '--header', `Host: ${host}`), 200, host);
  assert.is(await site.ask(ADDRESS.visitor, `${SITE}/.well-known/acme-challenge/x`), 404);
  assert.is(await site.ask(ADDRESS.visitor, 'http://WEB.example/', ...AS_PROXY), 200);
  assert.is(await site.ask(ADDRESS.visitor, `${SITE}/?page=/bin/msgimport&agent=Morfeus`, ...HOST), 200);
  assert.is(await site.ask(ADDRESS.visitor, `${SITE}/bin/msgimports.html`, ...HOST), 404);
  assert.equal(await site.lines(), []);
  assert.is(await environment(), '');
});

test.run();
