import { chmod } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import * as assert from 'uvu/assert';
import { runCommand, untilLedgerAgrees } from '../lab/command.ts';
import { crowdsecPackage, customBouncerPackage, LapiServer } from '../lab/crowdsec.ts';
import { eachOnItsOwnHost, killServerAfterEach } from '../lab/fixtures.ts';
import { connect, Host } from '../lab/host.ts';
import type { Installation } from '../lab/installation.ts';
import { newCertificate } from '../lab/mail-server.ts';
import { eventually, RunningServer } from '../lab/server.ts';
import { labSuite } from '../lab/suite.ts';

const test = labSuite('CrowdSec’s decisions', 'nft', 'openssl');
const root = await crowdsecPackage();
let host: Host;
let at: Installation;
let lapi: LapiServer;
let server: RunningServer | undefined;

const [A, B, NET] = ['203.0.113.7', '2001:db8:113::7', '198.51.100.0/24'];
const KEY = 'key-of-this-host';

eachOnItsOwnHost(test, (...made) => ([host, at] = made));
killServerAfterEach(test, () => server);
test.after.each(async () => {
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
const agree = () => untilLedgerAgrees(host, at.home);

async function secret(path: string, text: string): Promise<void> {
  await at.write(path, `${text}\n`);
  await chmod(`${at.home}/${path}`, 0o600);
}

/** Starts a LAPI on this host, and writes the settings for it. */
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

/** The output of doctor. */
const doctor = async () => (await runCommand(host, at.home, 'doctor')).stdout;

const add = (...words: string[]) => lapi.cscli('decisions', 'add', ...words);

if (root !== undefined) {
  test('blocks for the time of a decision that cscli makes, and unblocks when the decision is deleted', async () => {
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

  test('blocks until the last of several decisions about an address ends', async () => {
    await lapiHere();
    await add('-i', A, '-d', '4h');
    await add('-i', A, '-d', '1h');
    await serve();
    await blocked(A);
    const hours = async () => (Date.parse(String((await inLedger(A))?.until)) - Date.now()) / 3_600_000;
    assert.ok((await hours()) > 3);
    const [longest] = (await lapi.decisions(KEY)).filter(({ duration }) => duration.startsWith('3h'));
    await lapi.cscli('decisions', 'delete', '--id', String(longest?.id));
    await eventually('the block lasts as long as the other decision', async () => (await hours()) < 1.1);
    await agree();
    await lapi.cscli('decisions', 'delete', '-i', A);
    await released(A);
  });

  test('keeps its blocks when the server or the LAPI is killed, and agrees with the LAPI after a restart', async () => {
    await lapiHere();
    for (const address of [A, '203.0.113.8']) await add('-i', address, '-d', '4h');
    await serve();
    for (const address of [A, '203.0.113.8']) await blocked(address);
    await server?.end('SIGKILL');
    await lapi.cscli('decisions', 'delete', '-i', A);
    await add('-i', '203.0.113.9', '-d', '4h');
    await lapi.stop('SIGKILL');
    await serve();
    await server?.says(/CrowdSec's LAPI at .*ECONNREFUSED.*; blocks of earlier decisions stay/);
    assert.ok(await inLedger(A));
    await lapi.start();
    await released(A);
    await blocked('203.0.113.9');
    await agree();
    const names = (await lapi.decisions(KEY)).map(({ value }) => value).sort();
    assert.equal(names, ['203.0.113.8', '203.0.113.9']);
    for (const each of names) assert.ok(await inLedger(each));
    await lapi.stop('SIGKILL');
    await lapi.start();
    await add('-i', A, '-d', '4h');
    await blocked(A);
    await agree();
  });

  test('keeps blocks when the LAPI has lost all decisions, and releases an address when its decision is deleted', async () => {
    await lapiHere();
    for (const address of [A, B]) await add('-i', address, '-d', '4h');
    await serve();
    for (const address of [A, B]) await blocked(address);
    await server?.end();
    await lapi.remove();
    await lapiHere();
    await serve();
    await server?.says(
      /the LAPI lists no decision; 2 blocks of earlier decisions will stay until the end of their time /,
    );
    assert.ok(await inLedger(A));
    await add('-i', A, '-d', '4h');
    await server?.end();
    await lapi.cscli('decisions', 'delete', '-i', A);
    await serve();
    await released(A);
    assert.ok(await inLedger(B));
    await server?.end();
    server = await RunningServer.start(at, [`${at.home}/access.log`, '--allow-empty']);
    await released(B);
    await agree();
  });

  test('uses a new key at once', async () => {
    await lapiHere();
    await add('-i', A, '-d', '4h');
    await serve();
    await blocked(A);
    await lapi.cscli('bouncers', 'delete', 'one');
    await server?.says(/refuses the key in .*riposte\.crowdsec-key \(HTTP 403\)/);
    assert.ok(await inLedger(A));
    await lapi.addBouncer('two', 'another-key');
    await secret('etc/riposte.crowdsec-key', 'another-key');
    await add('-i', B, '-d', '4h');
    await blocked(B);
    await agree();
  });

  test('never blocks protected addresses, whatever the LAPI says', async () => {
    const other = await Host.create('other');
    try {
      await connect(host, ['192.0.2.5/24'], other, ['192.0.2.1/24']);
      await host.run('ip route add default via 192.0.2.1');
      await at.write('etc/riposte.allow', '203.0.113.99\n');
      await lapiHere();
      const own = [
        '0.0.0.0/0',
        '0.0.0.0/1',
        '::/0',
        '10.0.0.0/8',
        '192.0.2.0/24',
        '127.0.0.0/8',
        '203.0.113.96/28',
      ];
      for (const each of own) await add('-r', each, '-d', '4h');
      for (const each of ['192.0.2.1', '192.0.2.77', '127.0.0.1', '10.1.2.3'])
        await add('-i', each, '-d', '4h');
      await add('-i', A, '-d', '4h');
      await serve();
      await blocked(A);
      await agree();
      await server?.says(/Riposte never blocks the addresses of 7 decisions, such as: /);
      await server?.says(/4 decisions name the LAPI's own address, which Riposte never blocks/);
      const { stdout } = await runCommand(host, at.home, 'status', '--json');
      assert.equal(
        JSON.parse(stdout).blocks.map((block: { address: string }) => block.address),
        [A],
      );
    } finally {
      await other.remove();
    }
  });

  test('checks the certificate of the LAPI', async () => {
    const { file: cert } = newCertificate();
    const key = join(dirname(cert), 'key.pem');
    lapi = await LapiServer.create(host, root ?? '', '127.0.0.1', { cert, key });
    await lapi.addBouncer('one', KEY);
    await lapi.start();
    await add('-i', A, '-d', '4h');
    await secret('etc/riposte.crowdsec-key', KEY);
    await at.write('access.log', '');
    const settings = `CROWDSEC_URL=${lapi.url}\nCROWDSEC_POLL=1s\n`;
    await at.write('etc/riposte.conf', settings);
    await serve();
    await server?.says(/its certificate cannot be verified .*CROWDSEC_CA/);
    assert.is(await inLedger(A), undefined);
    assert.match(await doctor(), /CrowdSec LAPI.*certificate cannot be verified/);
    await server?.end();
    await at.write('etc/riposte.conf', `${settings}CROWDSEC_CA=${cert}\n`);
    await serve();
    await blocked(A);
    assert.match(await doctor(), /CrowdSec LAPI.*answers, and accepts the key/);
    assert.match(await doctor(), /crowdsec .*addresses and networks from \S+: 1,/);
    const { stdout } = await runCommand(host, at.home, 'serve', '--status');
    assert.match(stdout, /CrowdSec: addresses and networks from https:.*last pulled \d+ seconds? ago/);
    const metrics = await runCommand(host, at.home, 'metrics');
    assert.match(metrics.stdout, /^riposte_crowdsec_up 1$/m);
  });

  test('blocks and releases by the decisions that crowdsec-custom-bouncer writes', async () => {
    const bouncer = await customBouncerPackage();
    if (bouncer === undefined) return;
    await lapiHere();
    await at.write(
      'feed.sh',
      `#!/bin/sh\nexec ${at.node} ${resolve('dist/riposte.js')} feed crowdsec --stdin --home ${at.home}\n`,
    );
    await chmod(`${at.home}/feed.sh`, 0o755);
    const settings = `bin_path: ${at.home}/feed.sh\nfeed_via_stdin: true\ntotal_retries: -1\nupdate_frequency: 1s\ncache_retention_duration: 1s\ndaemonize: false\nlog_mode: stdout\npiddir: ${at.home}\napi_url: ${lapi.url}/\napi_key: ${KEY}\n`;
    await at.write('bouncer.yaml', settings);
    await add('-i', A, '-d', '4h');
    const program = `${bouncer}/usr/bin/crowdsec-custom-bouncer`;
    const running = host.start([program, '-c', `${at.home}/bouncer.yaml`], { stdin: 'ignore' });
    try {
      await blocked(A);
      await add('-r', NET, '-d', '1h');
      await add('-i', B, '-d', '1h', '-t', 'captcha');
      await blocked(NET);
      await lapi.cscli('decisions', 'delete', '-i', A);
      await released(A);
      assert.is(await inLedger(B), undefined);
      await agree();
    } finally {
      running.kill();
      await running;
    }
  });
}

test.run();
