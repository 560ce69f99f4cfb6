import { writeFile } from 'node:fs/promises';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { type Apache, fragment, startApache } from '../lab/apache.ts';
import { runWithArguments, statusOf } from '../lab/execd.ts';
import { allOnOneNetwork } from '../lab/fixtures.ts';
import { Installation } from '../lab/installation.ts';
import { ADDRESS, type Network } from '../lab/network.ts';
import {
  assertBlockedUntilDelete,
  assertRepeatable,
  type SeenFromOutside,
} from '../lab/seen-from-outside.ts';
import { eventually } from '../lab/server.ts';
import { INTERPRETERS, labSuite } from '../lab/suite.ts';
import { leftToAll, SHARE } from '../runner/share.ts';

/** The number of adds at the same time, and the number of consecutive changes. */
const [ADDS, CHANGES] = SHARE === 'quick' ? [8, 8] : [50, 60];

/** Each flavour with its file below the home and its fragment of httpd.conf.d. */
const FLAVOURS = {
  map: ['var/riposte/apache/deny.map', 'deny-map.conf'],
  apache24: ['var/riposte/apache/deny.apache24.conf', 'deny-apache24.conf'],
  apache22: ['var/riposte/apache/deny.apache22.conf', 'deny-apache22.conf'],
} as const;

for (const [flavour, [file, fragmentName]] of Object.entries(FLAVOURS)) {
  for (const [name, node] of INTERPRETERS) {
    const test = labSuite(`apache-deny with ${flavour} on ${name}`, 'apache2');
    const inAll = leftToAll(test);
    let network: Network;
    let apache: Apache;
    let at: Installation;

    allOnOneNetwork(test, (made) => {
      network = made;
    });
    test.before.each(async () => {
      at = await Installation.create(network.web, node);
      await at.write(file, '');
      apache = await startApache(network.web, await fragment(fragmentName, `${at.home}/${file}`));
      const reload = `/usr/sbin/apache2 -f ${apache.config} -k graceful`;
      const check = `/usr/sbin/apache2 -f ${apache.config} -t`;
      await at.write(
        'etc/riposte.conf',
        `APACHE_DENY=${flavour}\nAPACHE_CHECK=${check}\nAPACHE_RELOAD=${reload}\nCOMMAND_TIMEOUT=2m\n`,
      );
    });
    test.after.each(async () => {
      await apache.stop();
      await at.remove();
    });

    const run = statusOf('apache-deny', () => at);
    const outside: SeenFromOutside = {
      run,
      fetch: (from) => network.fetch(from),
      denied: 403,
      isLate: true,
    };

    test('denies a blocked address, but not its neighbour, until the delete', () =>
      assertBlockedUntilDelete(outside));

    inAll('denies an IPv6 address', () => assertBlockedUntilDelete(outside, ADDRESS.attacker6));

    test('denies a prefix, or refuses it when the flavour supports none', async () => {
      const status = await run('add', '203.0.113.6/31');
      assert.is(status, flavour === 'map' ? 78 : 0);
      await expect(ADDRESS.attacker, flavour === 'map' ? 200 : 403);
      assert.is(await network.fetch(ADDRESS.visitor), 200);
    });

    inAll('succeeds when an add or delete is repeated, and when a delete has no add', () =>
      assertRepeatable(outside),
    );

    test('blocks again after the file was emptied', async () => {
      assert.is(await run('add', ADDRESS.attacker), 0);
      await at.write(file, '');
      assert.is(await run('add', ADDRESS.attacker), 0);
      await expect(ADDRESS.attacker, 403);
    });

    test('keeps a file that is not Riposte’s', async () => {
      const foreign = flavour === 'map' ? 'Require not ip 192.0.2.1\n' : 'an important line\n';
      await at.write(file, foreign);
      assert.is(await run('add', ADDRESS.attacker), 78);
      assert.is(await at.read(file), foreign);
      assert.match((await at.log()).at(-1) ?? '', /failed: .*set APACHE_FILE to a file of its own/);
    });

    inAll('makes a file and a directory that every account can read', async () => {
      const fresh = await Installation.create(network.web, node);
      const flags = ['--apache-deny', flavour, '--apache-check', '/bin/true', '--apache-reload', '/bin/true'];
      assert.is(
        (await runWithArguments(fresh, 'apache-deny', [...flags, 'add', '-', ADDRESS.attacker])).status,
        0,
      );
      await execa('setpriv', ['--reuid=65534', '--clear-groups', 'cat', `${fresh.home}/${file}`]);
      await fresh.remove();
    });

    test(`blocks each of ${ADDS} addresses that are added at once`, async () => {
      const addresses = Array.from({ length: ADDS }, (_, index) => `198.51.100.${index}`);
      const statuses = await Promise.all(addresses.map((address) => run('add', address)));
      assert.equal(new Set(statuses), new Set([0]));
      const { stdout } = await runWithArguments(at, 'apache-deny', ['--list']);
      assert.is(stdout.match(/ {2}yes {2}/g)?.length, ADDS);
    });

    if (flavour === 'map') {
      test(`applies each of ${CHANGES} consecutive changes immediately`, async () => {
        for (let round = 0; round < CHANGES / 2; round++) {
          assert.is(await run('add', ADDRESS.attacker), 0);
          assert.is(await network.fetch(ADDRESS.attacker), 403, `add ${round}`);
          assert.is(await run('delete', ADDRESS.attacker), 0);
          assert.is(await network.fetch(ADDRESS.attacker), 200, `delete ${round}`);
        }
      });
    } else {
      test('restores the old file and reports a failure when Apache rejects its configuration', async () => {
        assert.is(await run('add', ADDRESS.visitor), 0);
        const before = await at.read(file);
        await writeFile(apache.config, 'NoSuchDirective on\n', { flag: 'a' });
        assert.is(await run('add', ADDRESS.attacker), 69);
        assert.is(await at.read(file), before);
        assert.match((await at.log()).at(-1) ?? '', /failed: .*Syntax error.*NoSuchDirective/);
        assert.ok((await at.ledger('apache-deny', ADDRESS.attacker))?.failed);
        assert.is((await at.files()).filter((path) => /\.lock|\.tmp|unfinished/.test(path)).length, 0);
      });
    }

    test.run();

    /**
     * Waits until an address gets this status, because a graceful reload takes effect a moment after the command has
     * ended. Does not wait for a map, because a map takes effect at the next request.
     */
    async function expect(address: string, status: number): Promise<void> {
      if (flavour === 'map') assert.is(await network.fetch(address), status);
      else
        await eventually(`${address} gets ${status}`, async () => (await network.fetch(address)) === status);
    }
  }
}
