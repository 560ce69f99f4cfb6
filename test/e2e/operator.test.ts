import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { SETTINGS } from '../../active-response/settings/settings.ts';
import { runWithArguments } from '../lab/execd.ts';
import { eachOnItsOwnHost } from '../lab/fixtures.ts';
import type { Host } from '../lab/host.ts';
import { Installation } from '../lab/installation.ts';
import { ossec } from '../lab/managers.ts';
import { INTERPRETERS, labSuite } from '../lab/suite.ts';
import { PATH } from '../lab/tools.ts';

const ATTACKER = '203.0.113.7';

for (const [name, node] of INTERPRETERS) {
  const test = labSuite(`by hand on ${name}`, 'nft', 'script');
  let host: Host;
  let at: Installation;

  eachOnItsOwnHost(test, (...made) => ([host, at] = made), node);

  test('blocks, lists and unblocks as in docs/install.md', async () => {
    const block = await runWithArguments(at, 'firewall-drop', ['add', '-', ATTACKER]);
    assert.is(block.stdout, `firewall-drop: ${ATTACKER}: blocked: until deleted, offence 1, by nftables`);
    const list = await runWithArguments(at, 'firewall-drop', ['--list']);
    assert.match(list.stdout, /^ADDRESS {6}BY {8}IN FORCE {2}SINCE \(UTC\)/);
    assert.match(list.stdout, new RegExp(`^${ATTACKER} {2}nftables {2}yes {7}\\d{4}-`, 'm'));
    const unblock = await runWithArguments(at, 'firewall-drop', ['delete', '-', ATTACKER]);
    assert.match(
      unblock.stdout,
      new RegExp(`^firewall-drop: ${ATTACKER}: unblocked: by nftables, since \\d{4}-`),
    );
  });

  for (const response of ['firewall-drop', 'route-null', 'apache-deny']) {
    test(`${response} --help names every setting and exits 0`, async () => {
      const { status, stdout } = await runWithArguments(at, response, ['--help']);
      assert.is(status, 0);
      for (const { key } of Object.values(SETTINGS)) assert.match(stdout, key);
    });

    test(`${response} --version prints the version`, async () => {
      const { status, stdout } = await runWithArguments(at, response, ['--version']);
      assert.is(status, 0);
      assert.match(stdout, new RegExp(`^riposte ${response} \\d+\\.\\d+\\.\\d+$`));
    });

    test(`${response} --dry-run prints its commands and changes nothing`, async () => {
      for (const args of [
        ['--dry-run', 'add', '-', ATTACKER],
        ['add', '-', ATTACKER, '--dry-run'],
      ]) {
        const { status, stdout } = await runWithArguments(at, response, args);
        assert.is(status, 0);
        assert.match(stdout, /^would /);
        assert.match(stdout, ATTACKER);
      }
      assert.equal(await at.files(), []);
      assert.is((await host.run('nft list ruleset')) + (await host.run('ip route')), '');
    });
  }

  test('prints the result of each dry run, even if the command would not block, and writes no file', async () => {
    const held = await runWithArguments(at, 'firewall-drop', ['--dry-run', 'add', '-', '127.0.0.1']);
    assert.match(held.stdout, 'would be held: 127.0.0.1 is never blocked');
    const unknown = await runWithArguments(at, 'firewall-drop', ['--dry-run', 'delete', '-', ATTACKER]);
    assert.match(unknown.stdout, 'nothing would change: the address was not blocked');
    const first = await runWithArguments(at, 'firewall-drop', ['--dry-run', 'add', '-', ATTACKER]);
    assert.match(first.stdout, 'add table inet riposte');
    assert.equal(await at.files(), []);
  });

  test('ends a block that BLOCK_FOR keeps when an operator deletes it on a terminal', async () => {
    await at.write('etc/riposte.conf', 'BLOCK_FOR=1d\n');
    await runWithArguments(at, 'firewall-drop', ossec('add', ATTACKER));
    const [program, args] = host.command([
      node,
      at.script('firewall-drop'),
      ...ossec('delete', ATTACKER).slice(0, 3),
    ]);
    await execa('script', ['--quiet', '--return', '--command', [program, ...args].join(' '), '/dev/null'], {
      env: { PATH },
      stdin: 'pipe',
    });
    assert.is(await at.ledger('firewall-drop', ATTACKER), undefined);
  });

  test('names --help, and waits for no message, when it gets no arguments on a terminal', async () => {
    const command = [node, at.script('firewall-drop')].join(' ');
    const { exitCode, stdout } = await execa(
      'script',
      ['--quiet', '--return', '--command', command, '/dev/null'],
      { reject: false, stdin: 'pipe' },
    );
    assert.is(exitCode, 64);
    assert.match(stdout, '--help');
  });

  test('uses a manager’s directory as the home when it runs through a symlink in that directory', async () => {
    const other = await Installation.create(host, node);
    const link = join(at.home, 'active-response/bin/drop.js');
    await symlink(other.script('firewall-drop'), link);
    await host.start([node, link, 'add', '-', ATTACKER], { stdin: 'ignore' });
    assert.ok(await at.ledger('firewall-drop', ATTACKER));
    assert.is(await other.ledger('firewall-drop', ATTACKER), undefined);
    await other.remove();
  });

  test.run();
}
