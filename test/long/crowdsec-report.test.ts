import { appendFile, chmod } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { morfeus } from '../lab/access-log.ts';
import { runCommand } from '../lab/command.ts';
import { crowdsecPackage, LapiServer } from '../lab/crowdsec.ts';
import { runWithArguments } from '../lab/execd.ts';
import { connect, Host } from '../lab/host.ts';
import { Installation } from '../lab/installation.ts';
import { ossec } from '../lab/managers.ts';
import { eventually, RunningServer } from '../lab/server.ts';
import { labSuite } from '../lab/suite.ts';

const test = labSuite('reports to CrowdSec', 'nft');
const root = await crowdsecPackage();

/** A host with an installation and `riposte serve`. */
interface Site {
  readonly name: string;
  readonly host: Host;
  readonly at: Installation;
  server?: RunningServer;
}
let sites: Site[] = [];
let [web1, web2] = sites as [Site, Site];
let lapi: LapiServer;

const [A, B, C] = ['203.0.113.7', '203.0.113.8', '203.0.113.9'];
const LAPI = '10.9.0.1';

test.before.each(async () => {
  sites = [];
  for (const name of ['web1', 'web2']) {
    const host = await Host.create(name);
    sites.push({ name, host, at: await Installation.create(host) });
  }
  [web1, web2] = sites as [Site, Site];
  await connect(web1.host, [`${LAPI}/24`], web2.host, ['10.9.0.2/24']);
  lapi = await LapiServer.create(web1.host, root ?? '', LAPI);
  await lapi.start();
  for (const site of sites) await setUp(site);
});

test.after.each(async () => {
  for (const { server } of sites) await server?.end('SIGKILL');
  await lapi?.remove();
  for (const { host, at } of sites) {
    await host.remove();
    await at.remove();
  }
});

async function setUp(site: Site): Promise<void> {
  const { name, at } = site;
  await lapi.addBouncer(name, `key-of-${name}`);
  await lapi.addMachine(name, `password-of-${name}`);
  for (const [file, text] of [
    ['key', `key-of-${name}`],
    ['password', `password-of-${name}`],
  ]) {
    await at.write(`etc/riposte.crowdsec-${file}`, `${text}\n`);
    await chmod(`${at.home}/etc/riposte.crowdsec-${file}`, 0o600);
  }
  await at.write('access.log', '');
  const settings = `CROWDSEC_URL=${lapi.url}\nCROWDSEC_POLL=1s\nCROWDSEC_MACHINE=${name}\n`;
  await at.write('etc/riposte.conf', settings);
  await serve(site);
}

/** Starts the site's server, and waits until the server has saved the position from which it reports. */
async function serve(site: Site): Promise<void> {
  site.server = await RunningServer.start(site.at, [`${site.at.home}/access.log`]);
  await eventually(
    `${site.name} reports`,
    async () => (await site.at.read('var/riposte/crowdsec-position.json')) !== '',
  );
}

const attack = ({ at }: Site, address: string) => appendFile(`${at.home}/access.log`, morfeus(address));
const ledgerOf = ({ at }: Site, address: string) => at.ledger('firewall-drop', address);
const said = () => sites.map(({ name, server }) => `${name}: ${server?.said}`).join('\n');
const blocked = (site: Site, address: string) =>
  eventually(`${site.name} blocks ${address}`, async () => (await ledgerOf(site, address)) !== undefined, {
    orElse: said,
  });
const released = (site: Site, address: string) =>
  eventually(`${site.name} releases ${address}`, async () => (await ledgerOf(site, address)) === undefined, {
    orElse: said,
  });
const agree = ({ name, host, at }: Site) =>
  eventually(
    `ledger and kernel of ${name} agree`,
    async () => (await runCommand(host, at.home, 'status', '--json')).status === 0,
  );
const decisions = async (address: string) =>
  (await lapi.decisions('key-of-web1')).filter(({ value }) => value === address);

if (root !== undefined) {
  test('blocks an attacker of one host on the other host, too, until the same time', async () => {
    await attack(web1, A);
    await blocked(web2, A);
    const [own, others] = [await ledgerOf(web1, A), await ledgerOf(web2, A)];
    assert.equal(Object.keys(others?.origins as object), ['crowdsec']);
    assert.is(others?.note, `riposte/${own?.rule}`);
    const apart = Date.parse(String(others?.until)) - Date.parse(String(own?.until));
    assert.ok(Math.abs(apart) < 3000, String(apart));
    const [decision, another] = await decisions(A);
    assert.equal(
      [decision?.origin, decision?.scenario, another],
      ['riposte:web1', `riposte/${own?.rule}`, undefined],
    );
    // A manager's block is reported, too, and the manager's early unblock releases the address on all hosts.
    await runWithArguments(web2.at, 'firewall-drop', ossec('add', B));
    await blocked(web1, B);
    await runWithArguments(web2.at, 'firewall-drop', ossec('delete', B));
    await released(web1, B);
    await runCommand(web1.host, web1.at.home, 'unblock', A);
    await released(web2, A);
    for (const site of sites) await agree(site);
    assert.equal(await decisions(A), []);
  });

  test('releases an address on all hosts when fail2ban ends its ban, even while a list names the address', async () => {
    const ban = (...words: string[]) => runWithArguments(web1.at, 'firewall-drop', words);
    const origin = ['--origin', 'fail2ban:sshd'];
    await web1.at.write('list.txt', `${B}\n`);
    await runCommand(web1.host, web1.at.home, 'block', '--file', `${web1.at.home}/list.txt`, '--for', '1d');
    for (const address of [A, B]) await ban('add', '-', address, '--block-for', '1h', ...origin);
    for (const address of [A, B]) await blocked(web2, address);
    // The first pull of a server gets all decisions, also those that this host has reported.
    await web1.server?.end();
    await serve(web1);
    await attack(web2, C);
    await blocked(web1, C);
    for (const address of [A, B]) await ban('delete', '-', address, ...origin);
    for (const address of [A, B]) await released(web2, address);
    assert.is(await ledgerOf(web1, A), undefined);
    assert.equal(Object.keys((await ledgerOf(web1, B))?.origins as object), ['list']);
    assert.equal([...(await decisions(A)), ...(await decisions(B))], []);
    for (const site of sites) await agree(site);
  });

  test('recognizes its own decision, and reports no decision that came from the LAPI', async () => {
    await attack(web1, A);
    await blocked(web2, A);
    await lapi.cscli('decisions', 'add', '-i', B, '-d', '1h');
    for (const site of sites) await blocked(site, B);
    for (const site of sites) {
      await site.server?.end();
      await serve(site);
      await site.server?.says(/riposte serve, started from/);
    }
    await attack(web2, C);
    await blocked(web1, C);
    assert.is((await ledgerOf(web1, A))?.origins, undefined);
    assert.is((await decisions(A)).length, 1);
    assert.equal(
      (await decisions(B)).map(({ origin }) => origin),
      ['cscli'],
    );
  });

  test('reports missed blocks when the LAPI is up again, even after kill -9 of LAPI and server', async () => {
    await lapi.stop('SIGKILL');
    await attack(web1, A);
    await blocked(web1, A);
    await web1.server?.says(/Riposte will report this host's blocks later/);
    await web1.server?.end('SIGKILL');
    await runWithArguments(web1.at, 'firewall-drop', ossec('add', B));
    await serve(web1);
    await attack(web1, C);
    await blocked(web1, C);
    await lapi.start();
    for (const address of [A, B, C]) await blocked(web2, address);
    for (const site of sites) await agree(site);
    // The LAPI has the decisions of both hosts.
    const names = new Set((await lapi.decisions('key-of-web1')).map(({ value }) => value));
    assert.equal([...names].sort(), [A, B, C]);
  });

  test('continues after a rotation of the journal, and names a refused machine', async () => {
    await attack(web1, A);
    await blocked(web2, A);
    await web1.server?.end('SIGKILL');
    await runWithArguments(web1.at, 'firewall-drop', ossec('add', B));
    const { home } = web1.at;
    await web1.host.run(`mv ${home}/var/riposte/events.jsonl ${home}/var/riposte/events.jsonl.1`);
    await runWithArguments(web1.at, 'firewall-drop', ossec('add', C));
    await serve(web1);
    for (const address of [B, C]) await blocked(web2, address);
    await lapi.cscli('machines', 'delete', 'web1');
    await web1.server?.end();
    await serve(web1);
    await runWithArguments(web1.at, 'firewall-drop', ossec('add', '203.0.113.10'));
    await web1.server?.says(/refuses the machine web1 .*cscli machines list/);
  });
}

test.run();
