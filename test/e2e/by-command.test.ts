import { readFile, writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { runWithMessage } from '../lab/execd.ts';
import { allOnOneSite } from '../lab/fixtures.ts';
import { Installation } from '../lab/installation.ts';
import { wazuh4 } from '../lab/managers.ts';
import { ADDRESS, type Network } from '../lab/network.ts';
import { INTERPRETERS, labSuite } from '../lab/suite.ts';

const NETWORK = '198.51.100.0/24';

for (const [name, node] of INTERPRETERS) {
  const test = labSuite(`the operator's command on a real kernel on ${name}`, 'nft');
  let network: Network;
  let at: Installation;

  allOnOneSite(test, (made) => {
    network = made;
  });
  test.before.each(async () => {
    at = await Installation.create(network.web, node);
    for (const response of ['firewall-drop', 'route-null']) await useInterpreter(at.script(response), node);
  });
  test.after.each(async () => {
    await riposte('unblock', '--all');
    await at.remove();
  });

  /** Runs the built command on the web host. */
  const riposte = async (...words: string[]) => {
    const { exitCode, stdout, stderr } = await network.web.start(
      [node, 'dist/riposte.js', ...words, '--home', at.home],
      { stdin: 'ignore' },
    );
    return { exitCode, stdout, stderr };
  };
  const inKernel = async () => {
    const table = await network.web.run('nft list table inet riposte');
    return table.match(/[\da-f.:]+ counter packets/g) ?? [];
  };
  const reaches = async (from: string) => (await network.fetch(from)) === 200;

  for (const response of ['firewall-drop', 'route-null']) {
    test(`${response} blocks and unblocks both families, and no other address`, async () => {
      const addresses = [ADDRESS.attacker, ADDRESS.attacker6];
      const blocking = await riposte('block', ...addresses, '--response', response, '--reason', 'a scan');
      assert.is(blocking.exitCode, 0, blocking.stderr);
      for (const address of addresses) assert.not(await reaches(address));
      assert.ok(await reaches(ADDRESS.visitor));
      assert.is((await at.ledger(response, ADDRESS.attacker))?.note, 'a scan');
      const unblocking = await riposte('unblock', ...addresses);
      assert.is(unblocking.exitCode, 0);
      assert.match(unblocking.stdout, `${response}: ${ADDRESS.attacker}: unblocked: by `);
      for (const address of addresses) assert.ok(await reaches(address));
    });
  }

  test('gives the kernel the time of --for, whatever BLOCK_FOR says', async () => {
    await at.write('etc/riposte.conf', 'BLOCK_FOR=7d\n');
    await riposte('block', ADDRESS.attacker, '--for', '1h');
    const set = await network.web.run('nft -j list set inet riposte blocked4');
    const { timeout } = JSON.parse(set).nftables[1].set.elem[0].elem;
    // Some seconds may pass between the change in the ledger and the change in the kernel.
    assert.ok(timeout > 3000 && timeout <= 3600, `${timeout} s`);
  });

  test('unblocks an address in several responses, even while BLOCK_FOR keeps the block', async () => {
    await at.write('etc/riposte.conf', 'BLOCK_FOR=7d\n');
    await runWithMessage(at, 'firewall-drop', wazuh4('add', ADDRESS.attacker));
    await riposte('block', ADDRESS.attacker, '--response', 'route-null');
    const { stdout } = await riposte('unblock', ADDRESS.attacker);
    assert.equal(
      stdout.split('\n').map((line) => line.split(': ').slice(0, 3)),
      ['firewall-drop', 'route-null'].map((response) => [response, ADDRESS.attacker, 'unblocked']),
    );
    assert.ok(await reaches(ADDRESS.attacker));
    assert.is((await riposte('unblock', ADDRESS.attacker)).stdout, `${ADDRESS.attacker}: was not blocked`);
  });

  test('unblocks an allowed address and the prefix around it at once', async () => {
    await riposte('block', NETWORK, ADDRESS.attacker);
    await riposte('block', ADDRESS.attacker, '--response', 'route-null');
    const { exitCode, stdout } = await riposte('allow', ADDRESS.attacker, '198.51.100.4');
    assert.is(exitCode, 0);
    assert.match(stdout, `${NETWORK}: the whole block ends, because 198.51.100.4 in it is allowed now`);
    assert.ok(await reaches(ADDRESS.attacker));
    assert.equal(await inKernel(), []);
    const again = await riposte('block', ADDRESS.attacker);
    assert.is(again.exitCode, 65);
    assert.match(again.stderr, 'in the allow list');
  });

  test('unblocks every address in ledger and kernel with --all', async () => {
    await riposte('block', ADDRESS.attacker, ADDRESS.attacker6, NETWORK);
    await riposte('block', '192.0.2.77', '--response', 'route-null');
    assert.is((await inKernel()).length, 3);
    const { exitCode, stdout } = await riposte('unblock', '--all');
    assert.is(exitCode, 0);
    assert.match(stdout, /\n4 unblocked$/);
    assert.equal(await inKernel(), []);
    assert.is(await network.web.run('ip route show proto 117'), '');
    assert.equal(
      (await at.files()).filter((file) => file.includes('/blocks/')),
      [],
    );
  });

  test('reports the cause when the backend fails, and unblocks later', async () => {
    await riposte('block', ADDRESS.attacker);
    const failing = await network.web.start(
      ['env', 'PATH=/nowhere', node, 'dist/riposte.js', 'unblock', '--all', '--home', at.home],
      { stdin: 'ignore' },
    );
    assert.is(failing.exitCode, 69);
    assert.match(failing.stderr, `${ADDRESS.attacker}: failed: nft is not in PATH (/nowhere)`);
    assert.not(await reaches(ADDRESS.attacker));
    await riposte('unblock', ADDRESS.attacker);
    assert.ok(await reaches(ADDRESS.attacker));
  });

  for (const protocol of ['ossec', 'wazuh4', 'wazuh5']) {
    test(`riposte fire blocks in the protocol of ${protocol}, shows the messages, and undoes the block`, async () => {
      const fire = (...words: string[]) =>
        riposte('fire', 'firewall-drop', ADDRESS.attacker, '--protocol', protocol, ...words);
      const adding = await fire();
      assert.is(adding.exitCode, 0, adding.stdout + adding.stderr);
      assert.match(adding.stdout, /^-> .*203\.0\.113\.7/);
      assert.match(adding.stdout, protocol === 'ossec' ? '<- firewall-drop: ' : '"command":"continue"');
      assert.match(adding.stdout, /\nexit status 0\nactive-responses\.log: .*blocked/);
      assert.not(await reaches(ADDRESS.attacker));
      assert.is((await at.journal()).at(-1)?.protocol, protocol);
      assert.is((await fire('--delete')).exitCode, 0);
      assert.ok(await reaches(ADDRESS.attacker));
    });
  }

  test('shows the history from the real journal', async () => {
    await riposte('block', ADDRESS.attacker, '--reason', 'a scan');
    await riposte('unblock', ADDRESS.attacker);
    const { stdout } = await riposte('history', ADDRESS.attacker);
    const rows = stdout.split('\n').map((line) => line.split(/ {2,}/).slice(1, 4));
    assert.equal(rows, [
      ['EVENT', 'RESPONSE', 'ADDRESS'],
      ['blocked', 'firewall-drop', ADDRESS.attacker],
      ['unblocked', 'firewall-drop', ADDRESS.attacker],
    ]);
    assert.match(stdout, '  a scan; until deleted, offence 1, by nftables');
  });

  test.run();
}

/** Names Node in the first line, as an installation does: the PATH of a service may have no node, or another node. */
async function useInterpreter(script: string, node: string): Promise<void> {
  await writeFile(script, (await readFile(script, 'utf8')).replace(/^#!.*/, `#!${node}`));
}
