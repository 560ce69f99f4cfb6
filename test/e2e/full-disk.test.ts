import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { childProgram } from '../active-response/child.ts';
import { temporaryDirectory } from '../active-response/support.ts';
import { runWithArguments, runWithMessage } from '../lab/execd.ts';
import type { Host } from '../lab/host.ts';
import { HostWithDisk } from '../lab/host-with-disk.ts';
import { entryIn, Installation } from '../lab/installation.ts';
import { ossec, wazuh4 } from '../lab/managers.ts';
import { RunningDaemon } from '../lab/running-daemon.ts';
import { eventually, RunningServer, verb } from '../lab/server.ts';
import { labSuite } from '../lab/suite.ts';
import { SHARE } from '../runner/share.ts';

/** A full disk must prevent neither a block nor an unblock. */
const ATTACKER = '198.51.100.7';
const OTHER = '198.51.100.8';

/** Ways to make the disk under var/riposte and logs refuse new files. */
const FAULTS: Record<string, [message: RegExp, make: (disk: HostWithDisk, data: string) => Promise<void>]> = {
  'a full disk': [/no space left/, (disk, data) => disk.fill(data)],
  'no inodes': [
    /no space left/,
    (disk, data) => disk.sh(`i=0; while true > ${data}/filler$i; do i=$((i+1)); done 2>/dev/null; true`),
  ],
  'a read-only disk': [/read-only/, (disk, data) => disk.sh(`mount -o remount,ro ${data}`)],
};

/**
 * Returns all faults for the script with nftables. For another backend and for the daemon, it returns one fault, which
 * is enough to show that a block does not depend on the ledger.
 */
const faultsFor = (form: string, backend: string) =>
  Object.entries(FAULTS).slice(0, SHARE !== 'quick' || (form === ALONE && backend === 'nftables') ? 3 : 1);

/** Each backend's listing of the blocks in force. */
const BACKENDS: Record<string, { response: string; settings: string; programs: string[]; list: string }> = {
  nftables: {
    response: 'firewall-drop',
    settings: 'FIREWALL_BACKEND=nftables',
    programs: ['nft'],
    list: 'nft list ruleset',
  },
  ipset: {
    response: 'firewall-drop',
    settings: 'FIREWALL_BACKEND=ipset',
    programs: ['ipset', 'iptables'],
    list: 'ipset list',
  },
  route: { response: 'route-null', settings: '', programs: ['ip'], list: 'ip route show proto 117' },
};

const ALONE = 'the script alone';

for (const form of [ALONE, 'riposte respond'])
  for (const [backend, { response, settings, programs, list }] of Object.entries(BACKENDS)) {
    // The daemon handles all backends alike, so `npm test` runs it with one backend only.
    if (SHARE === 'quick' && form !== ALONE && backend !== 'nftables') continue;
    const test = labSuite(`${backend} by ${form} on a full disk`, ...programs);
    let disk: HostWithDisk;
    let at: Installation;
    let data: string;
    let daemon: RunningDaemon | undefined;

    test.before.each(async () => {
      disk = await HostWithDisk.create();
      const host = disk.asHost();
      at = await Installation.create(host);
      data = join(at.home, 'var');
      await at.write('etc/riposte.conf', `${settings}\n`);
      await disk.mountDisk(data, 'size=256k,nr_inodes=60');
      await disk.sh(`mkdir ${data}/logs && ln -s ${data}/logs ${at.home}/logs`);
      if (form !== ALONE) daemon = await RunningDaemon.start(at.home, host);
    });
    test.after.each(async () => {
      await daemon?.end();
      daemon = undefined;
      await disk.remove();
      await at.remove();
    });

    const inForce = () => disk.network.run(list);
    const read = (path: string) => readFile(disk.mounts.path(join(at.home, path)), 'utf8').catch(() => '');
    const ledger = async (address: string) =>
      entryIn(await read(`var/riposte/blocks/${response}/${address}.json`), address);
    const run = (command: 'add' | 'delete', address = ATTACKER) =>
      runWithArguments(at, response, ossec(command, address));

    for (const [fault, [message, make]] of faultsFor(form, backend)) {
      test(`blocks with ${fault}, says that the block is not recorded, and records it at the next sweep`, async () => {
        await run('add', OTHER);
        await make(disk, data);
        const { stdout, stderr } = await run('add');
        assert.match(await inForce(), ATTACKER);
        assert.match(stdout + stderr, message);
        assert.match(stdout, /not recorded: .*; kept in memory until a sweep records it/);
        assert.is(await ledger(ATTACKER), undefined);
        await verb(at, ['sweep']);
        assert.match(await inForce(), ATTACKER);
        assert.match((await verb(at, ['status'])).stdout as string, ATTACKER);
        await disk.free(data);
        const sweep = await verb(at, ['sweep']);
        assert.equal([sweep.exitCode, sweep.stderr], [0, '']);
        assert.match(await inForce(), ATTACKER);
        assert.equal([(await ledger(ATTACKER))?.offence, (await ledger(ATTACKER))?.rule], [1, '31151']);
        const [log, journal] = [
          await read('var/logs/active-responses.log'),
          await read('var/riposte/events.jsonl'),
        ];
        for (const text of [log, journal])
          assert.is(text.split('\n').filter((line) => line.includes(ATTACKER)).length, 1, text);
        assert.match(log, ` add - ${ATTACKER} 1795166136.16 31151 blocked: until deleted, offence 1, `);
        for (const line of journal.trim().split('\n')) JSON.parse(line);
        assert.is((await run('delete')).status, 0);
        assert.not.match(await inForce(), ATTACKER);
      });

      test(`unblocks with ${fault}, and a later sweep does not block again`, async () => {
        await run('add');
        await make(disk, data);
        const { stdout, stderr } = await run('delete');
        assert.not.match(await inForce(), ATTACKER, stdout + stderr);
        await verb(at, ['sweep']);
        assert.not.match(await inForce(), ATTACKER);
        await disk.free(data);
        assert.is((await verb(at, ['sweep'])).exitCode, 0);
        assert.not.match(await inForce(), ATTACKER);
        assert.is(await ledger(ATTACKER), undefined);
        await run('add');
        assert.is((await ledger(ATTACKER))?.offence, 2);
      });
    }

    test('counts an add and a delete on a full disk as one offence', async () => {
      await disk.fill(data);
      await run('add');
      await run('add');
      await run('delete');
      assert.not.match(await inForce(), ATTACKER);
      await disk.free(data);
      await verb(at, ['sweep']);
      await run('add');
      assert.is((await ledger(ATTACKER))?.offence, 2);
      assert.match(await inForce(), ATTACKER);
    });

    test('blocks for a manager that performs a handshake', async () => {
      await disk.fill(data);
      const { questions } = await runWithMessage(at, response, wazuh4('add', ATTACKER));
      assert.is(questions.length, 1);
      assert.match(await inForce(), ATTACKER);
    });

    test.run();
  }

const requestOf = (address: string) =>
  `${address} - - [29/Nov/2026:09:00:00 +0000] "GET /.env HTTP/1.1" 404 196 "-" "curl/8"`;

const start = labSuite('programs that start on a full disk', 'nft');

for (const [fault, hasDaemon] of [
  ['a full disk', true],
  // No daemon can start on a read-only disk, so the script blocks the address itself.
  ['a read-only disk', false],
] as const)
  start(`blocks on ${fault}, and starts no second serve or respond`, async () => {
    const disk = await HostWithDisk.create();
    const host = disk.asHost();
    const at = await Installation.create(host);
    const data = join(at.home, 'var');
    await disk.mountDisk(data, 'size=256k');
    // An earlier block has made the directories.
    await runWithArguments(at, 'firewall-drop', ossec('add', '198.51.100.9'));
    await at.write('access.log', '');
    await FAULTS[fault]?.[1](disk, data);
    const daemon = hasDaemon ? await RunningDaemon.start(at.home, host) : undefined;
    const server = await RunningServer.start(at, [`${at.home}/access.log`]);
    try {
      await runWithArguments(at, 'firewall-drop', ossec('add', ATTACKER));
      await appendFile(join(at.home, 'access.log'), `${requestOf(OTHER)}\n`);
      for (const address of [ATTACKER, OTHER])
        await eventually(
          `${address} is blocked`,
          async () => (await disk.network.run('nft list ruleset')).includes(address),
          { orElse: () => server.said },
        );
      assert.is((await verb(at, ['serve', join(at.home, 'access.log')])).exitCode, 75);
      const second = await verb(at, ['respond']);
      assert.is(second.exitCode, hasDaemon ? 75 : 74);
      assert.match(
        second.stderr,
        hasDaemon ? 'another process already answers' : 'the file system is read-only',
      );
    } finally {
      await server.end();
      await daemon?.end();
      await disk.remove();
      await at.remove();
    }
  });

/** Makes another process's change while Riposte syncs the first entries. */
const WHILE_SYNCING = `
  const fs = require('node:fs');
  const { fsync } = fs;
  fs.fsync = (...args) => {
    if (fs.existsSync('/run/aside')) fs.renameSync('/run/aside', '/run/riposte-unrecorded');
    fsync(...args);
  };
`;

start('keeps an operator’s block that appears in memory during an import', async () => {
  const disk = await HostWithDisk.create();
  const at = await Installation.create(disk.asHost());
  const data = join(at.home, 'var');
  await disk.mountDisk(data);
  try {
    await runWithArguments(at, 'firewall-drop', ossec('add', OTHER));
    await disk.fill(data);
    await verb(at, ['block', ATTACKER]);
    await disk.free(data);
    await disk.sh('mv /run/riposte-unrecorded /run/aside');
    await at.write('while-syncing.cjs', WHILE_SYNCING);
    await at.write('list.txt', [ATTACKER, '203.0.113.20', '203.0.113.21'].join('\n'));
    const list = ['block', '--file', join(at.home, 'list.txt'), '--for', '600'];
    const options = { NODE_OPTIONS: `--require=${at.home}/while-syncing.cjs` };
    const { stdout } = await verb(at, list, options);
    assert.match(stdout, '3 blocked');
    await disk.sh('test ! -e /run/aside');
    assert.is((await verb(at, ['sweep'])).exitCode, 0);
    const file = join(at.home, 'var/riposte/blocks/firewall-drop', `${ATTACKER}.json`);
    const entry = entryIn(await readFile(disk.mounts.path(file), 'utf8'), ATTACKER);
    assert.equal([entry?.isOwn, entry?.until, Object.keys(entry?.origins ?? {})], [true, null, ['list']]);
  } finally {
    await disk.remove();
    await at.remove();
  }
});

start('keeps an operator’s block that appears in memory while a batch still writes', async () => {
  const disk = await HostWithDisk.create();
  try {
    const program = await childProgram('memory-writer.ts');
    const [node = '', ...args] = [...disk.mounts.prefix, process.execPath, program, temporaryDirectory()];
    const { stdout } = await execa(node, args);
    const { isOwn, until } = JSON.parse(stdout);
    assert.equal([isOwn, until], [true, null]);
  } finally {
    await disk.remove();
  }
});

start.run();

/** The number of adds before the disk becomes full, and the number of all adds. */
const [BEFORE, ADDS] = SHARE === 'quick' ? [80, 200] : [400, 1000];

const storm = labSuite(`a storm of ${ADDS} adds on a disk that becomes full`, 'nft');
storm('keeps all blocks in force, and records all of them after the next sweep', async () => {
  const disk = await HostWithDisk.create();
  const host: Host = disk.asHost();
  const at = await Installation.create(host);
  const data = join(at.home, 'var');
  await disk.mountDisk(data, 'size=3m');
  const daemon = await RunningDaemon.start(at.home, host);
  try {
    const addresses = Array.from({ length: ADDS }, (_, n) => `198.18.${n >> 8}.${n & 255}`);
    const add = (some: string[]) =>
      host.start(
        [
          'sh',
          '-c',
          `for a in "$@"; do ${at.script('firewall-drop')} add - $a 1.1 31151 x - & done; wait`,
          'sh',
          ...some,
        ],
        { stdin: 'ignore' },
      );
    await add(addresses.slice(0, BEFORE));
    const rest = add(addresses.slice(BEFORE));
    await disk.fill(data);
    await rest;
    const listed = async () => {
      const text = await disk.network.run('nft list set inet riposte blocked4');
      return addresses.filter((address) => text.includes(` ${address} `) || text.includes(` ${address},`))
        .length;
    };
    assert.is(await listed(), ADDS);
    await verb(at, ['sweep']);
    assert.is(await listed(), ADDS);
    await disk.free(data);
    const sweep = await verb(at, ['sweep']);
    assert.is(sweep.exitCode, 0, String(sweep.stderr));
    assert.is(await listed(), ADDS);
    const files = await host.run(`ls ${data}/riposte/blocks/firewall-drop`);
    assert.is(files.trim().split('\n').length, ADDS);
    const journal = await host.run(`cat ${data}/riposte/events.jsonl`);
    const events = journal
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.is(new Set(events.map(({ address }) => address)).size, ADDS);
    assert.is(events.length, ADDS);
  } finally {
    await daemon.end();
    await disk.remove();
    await at.remove();
  }
});
storm.run();
