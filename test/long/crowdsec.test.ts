import { chmod } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { runCommand } from '../lab/command.ts';
import { crowdsecPackage, LapiServer } from '../lab/crowdsec.ts';
import { eachOnItsOwnHost } from '../lab/fixtures.ts';
import type { Host } from '../lab/host.ts';
import type { Installation } from '../lab/installation.ts';
import { eventually, RunningServer } from '../lab/server.ts';
import { labSuite } from '../lab/suite.ts';

const test = labSuite('CrowdSec’s decisions', 'nft');
const root = await crowdsecPackage();
let host: Host;
let at: Installation;
let lapi: LapiServer;
let server: RunningServer | undefined;

const [A, B, NET] = ['203.0.113.7', '2001:db8:113::7', '198.51.100.0/24'];
const KEY = 'key-of-this-host';

eachOnItsOwnHost(test, (...made) => ([host, at] = made));
test.after.each(async () => {
  await server?.end('SIGKILL');
  server = undefined;
  await lapi?.remove();
});

const inLedger = (address: string) => at.ledger('firewall-drop', address);
const blocked = (address: string) =>
  eventually(`${address} is blocked`, async () => (await inLedger(address)) !== undefined, {
    orElse: () => server?.said ?? '',
  });
const released = (address: string) =>
  eventually(`${address} is free`, async () => (await inLedger(address)) === undefined, {
    orElse: () => server?.said ?? '',
  });
/** The ledger changes before the kernel. */
const agree = () =>
  eventually(
    'ledger and kernel agree',
    async () => (await runCommand(host, at.home, 'status', '--json')).status === 0,
  );

async function secret(path: string, text: string): Promise<void> {
  await at.write(path, `${text}\n`);
  await chmod(`${at.home}/${path}`, 0o600);
}

/** A LAPI on this host, and the settings for it. */
async function lapiHere(settings = ''): Promise<void> {
  lapi = await LapiServer.create(host, root ?? '');
  await lapi.addBouncer('one', KEY);
  await lapi.start();
  await secret('etc/riposte.crowdsec-key', KEY);
  await at.write('access.log', '');
  await at.write('etc/riposte.conf', `CROWDSEC_URL=${lapi.url}\nCROWDSEC_POLL=1s\n${settings}`);
}

async function serve(): Promise<void> {
  server = await RunningServer.start(at, [`${at.home}/access.log`]);
}

const add = (...words: string[]) => lapi.cscli('decisions', 'add', ...words);

if (root !== undefined) {
  test('blocks what cscli decides, for its time, and releases what it deletes', async () => {
    await lapiHere();
    await add('-i', A, '-d', '4h');
    await serve();
    await blocked(A);
    const { origins, until, note, offence } = (await inLedger(A)) ?? {};
    assert.equal([Object.keys(origins as object), offence], [['crowdsec'], 0]);
    assert.match(String(note), /^manual 'ban' from 'local'/);
    const left = (Date.parse(String(until)) - Date.now()) / 3_600_000;
    assert.ok(left > 3.9 && left <= 4.01, String(left));
    await add('-i', B, '-d', '1h');
    await add('-r', NET, '-d', '1h');
    await add('-i', '203.0.113.8', '-d', '1h', '-t', 'captcha');
    await blocked(B);
    await blocked(NET);
    await agree();
    assert.is(await inLedger('203.0.113.8'), undefined);
    await lapi.cscli('decisions', 'delete', '-i', A);
    await lapi.cscli('decisions', 'delete', '-r', NET);
    await released(A);
    await released(NET);
    await agree();
    assert.ok(await inLedger(B));
  });
}

test.run();
