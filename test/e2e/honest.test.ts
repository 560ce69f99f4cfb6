import { chmod, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { runWithArguments } from '../lab/execd.ts';
import { allOnOneHost } from '../lab/fixtures.ts';
import type { Host } from '../lab/host.ts';
import type { Installation } from '../lab/installation.ts';
import { ossec } from '../lab/managers.ts';
import { ADDRESS } from '../lab/network.ts';
import { INTERPRETERS, labSuite } from '../lab/suite.ts';
import { PATH } from '../lab/tools.ts';

for (const [name, node] of INTERPRETERS) {
  const test = labSuite(`failures on ${name}`, 'nft', 'setpriv', 'mount');
  let host: Host;
  let at: Installation;

  allOnOneHost(test, (...made) => ([host, at] = made), node);

  const add = ossec('add', ADDRESS.attacker);

  /**
   * Asserts that the log has one line with the reason, that no partial file is left, and that the ledger does not count
   * the block as done.
   */
  async function failedHonestly(response: string, because: RegExp): Promise<void> {
    const log = await at.log();
    assert.is(log.length, 1);
    assert.match(log[0] ?? '', because);
    assert.match(log[0] ?? '', ` add - ${ADDRESS.attacker} 1795166136.16 31151 failed: `);
    assert.is((await at.files()).filter((file) => file.endsWith('.tmp')).length, 0);
    const entry = await at.ledger(response, ADDRESS.attacker);
    assert.ok(entry === undefined || typeof entry.failed === 'string');
  }

  for (const [response, program, backend] of [
    ['firewall-drop', 'nft', 'nftables'],
    ['firewall-drop', 'ipset', 'ipset'],
    ['firewall-drop', 'firewall-cmd', 'firewalld'],
    ['firewall-drop', 'pfctl', 'pf'],
    ['route-null', 'ip', 'auto'],
  ] as const) {
    test(`reports a missing ${program} and fails when ${response} needs it for ${backend}`, async () => {
      const { status, stderr } = await runWithArguments(at, response, ['--backend', backend, ...add], {
        env: await emptyPath(),
      });
      assert.is(status, 69);
      assert.match(stderr, `${program} is not in PATH`);
      await failedHonestly(response, new RegExp(`${program} is not in PATH`));
    });
  }

  test('firewall-drop names the programs to install when no firewall is in PATH', async () => {
    const { status } = await runWithArguments(at, 'firewall-drop', add, { env: await emptyPath() });
    assert.is(status, 69);
    await failedHonestly('firewall-drop', /install nftables/);
  });

  for (const response of ['firewall-drop', 'route-null'] as const) {
    test(`${response} fails, and reports the missing privilege, when it may not change the kernel`, async () => {
      await mkdir(join(at.home, 'var/riposte'), { recursive: true });
      for (const directory of ['', 'var', 'var/riposte']) await chmod(join(at.home, directory), 0o777);
      const words = [
        'setpriv',
        '--bounding-set=-all',
        '--inh-caps=-all',
        '--reuid=65534',
        '--clear-groups',
        '--',
      ];
      const [program, args] = host.command([...words, node, at.script(response), ...add]);
      const { exitCode } = await execa(program, args, { reject: false, stdin: 'ignore', env: { PATH } });
      assert.is(exitCode, 77);
      await failedHonestly(response, /not permitted/i);
    });
  }

  // full-disk.test.ts tests the responses that block in the kernel.
  test('fails when the disk of apache-deny’s file is full', async () => {
    const data = join(at.home, 'var/riposte');
    await mkdir(data, { recursive: true });
    // The script runs in its own mount namespace, with a small file system. Both end when the script ends.
    const fill = `mount -t tmpfs -o size=16k,nr_inodes=20 tmpfs ${data} && head -c 100k /dev/zero > ${data}/filler 2>/dev/null; exec "$@"`;
    const [program, args] = host.command([
      'unshare',
      '--mount',
      'sh',
      '-c',
      `${fill}; ls`,
      'sh',
      node,
      at.script('apache-deny'),
      ...add,
    ]);
    const { exitCode } = await execa(program, args, { reject: false, stdin: 'ignore', env: { PATH } });
    assert.is(exitCode, 74);
    await failedHonestly('apache-deny', /no space left/);
    assert.is((await host.run('nft list ruleset')) + (await host.run('ip route')), '');
  });

  test('repairs a failed block at the next add, and counts no second offence', async () => {
    await runWithArguments(at, 'firewall-drop', ['--backend', 'nftables', ...add], {
      env: await emptyPath(),
    });
    assert.ok((await at.ledger('firewall-drop', ADDRESS.attacker))?.failed);
    assert.is((await runWithArguments(at, 'firewall-drop', add)).status, 0);
    const entry = await at.ledger('firewall-drop', ADDRESS.attacker);
    assert.is(entry?.failed, undefined);
    assert.is(entry?.offence, 1);
  });

  test('ends a hanging program, and fails', async () => {
    const bin = await emptyPath();
    await at.write('bin/nft', '#!/bin/sh\nexec sleep 60\n');
    await chmod(join(at.home, 'bin/nft'), 0o755);
    await symlink('/bin/sleep', join(at.home, 'bin/sleep'));
    const { status } = await runWithArguments(at, 'firewall-drop', ['--command-timeout', '1s', ...add], {
      env: bin,
    });
    assert.is(status, 75);
    await failedHonestly('firewall-drop', /nft took longer than 1 s/);
  });

  test('names file, line and key of an error in riposte.conf, and changes nothing', async () => {
    await at.write('etc/riposte.conf', '# ours\nFIREWALL_ACTION=drop\nFIREWALL_PORTS=http\n');
    const { status } = await runWithArguments(at, 'firewall-drop', add);
    assert.is(status, 78);
    await failedHonestly('firewall-drop', /etc\/riposte\.conf:3: FIREWALL_PORTS is 'http', but must be /);
  });

  test('unblocks and reports the error when riposte.conf is wrong', async () => {
    await runWithArguments(at, 'firewall-drop', add);
    await at.write('etc/riposte.conf', 'BLOKC_FOR=1d\n');
    const { status, stderr } = await runWithArguments(at, 'firewall-drop', ossec('delete', ADDRESS.attacker));
    assert.is(status, 0);
    assert.match(stderr, /riposte\.conf:1: unknown key BLOKC_FOR: ignored/);
    assert.is(await at.ledger('firewall-drop', ADDRESS.attacker), undefined);
  });

  test('names a wrong line in the allow list, and blocks no address, because the line may mean the operator’s own address', async () => {
    await at.write('etc/riposte.allow', '192.0.2.1\nour office\n');
    const { status } = await runWithArguments(at, 'firewall-drop', add);
    assert.is(status, 78);
    await failedHonestly('firewall-drop', /etc\/riposte\.allow:2: 'our office' is not/);
  });

  test('blocks when the log cannot be written, and reports the error on standard error and by the exit status', async () => {
    await mkdir(join(at.home, 'logs/active-responses.log'), { recursive: true });
    const { status, stderr } = await runWithArguments(at, 'firewall-drop', add);
    assert.is(status, 74);
    assert.match(stderr, /active-responses\.log: it is a directory/);
    assert.match(await host.run('nft list set inet riposte blocked4'), ADDRESS.attacker);
  });

  test.run();

  /** An empty directory for PATH. */
  async function emptyPath(): Promise<{ PATH: string }> {
    const directory = join(at.home, 'bin');
    await mkdir(directory, { recursive: true });
    return { PATH: directory };
  }
}
