import type { Test } from 'uvu';
import * as assert from 'uvu/assert';
import { statusOf } from '../lab/execd.ts';
import { allOnOneSite } from '../lab/fixtures.ts';
import { Installation } from '../lab/installation.ts';
import { ADDRESS, type Network } from '../lab/network.ts';
import {
  assertBlockedUntilDelete,
  assertRepeatable,
  type SeenFromOutside,
} from '../lab/seen-from-outside.ts';
import { eventually } from '../lab/server.ts';
import { INTERPRETERS, labSuite } from '../lab/suite.ts';
import { leftToAll } from '../runner/share.ts';

/** The commands that list each firewall's blocks, and that empty it as another program would. */
const FIREWALLS = {
  nftables: {
    needs: ['nft'],
    secondsLeft: async ({ web }: Network) => {
      const { nftables } = JSON.parse(await web.run('nft -j list set inet riposte blocked4'));
      const elements: { elem: { val: string; expires: number } }[] = nftables[1].set.elem;
      return elements.find(({ elem }) => elem.val === ADDRESS.attacker)?.elem.expires ?? Number.NaN;
    },
    flush: (network: Network) => network.web.run('nft flush ruleset'),
    hasOneRule: async ({ web }: Network) => {
      const listing = await web.run('nft list ruleset');
      for (const set of ['@blocked4', '@wide4', '@network4_24'])
        assert.is(listing.match(new RegExp(`${set} `, 'g'))?.length, 1, listing);
    },
  },
  ipset: {
    needs: ['ipset', 'iptables'],
    secondsLeft: async ({ web }: Network) => {
      const list = await web.run('ipset list riposte4');
      return Number(new RegExp(`^${ADDRESS.attacker} timeout (\\d+)`, 'm').exec(list)?.[1]);
    },
    flush: async ({ web }: Network) => {
      for (const iptables of ['iptables', 'ip6tables'])
        for (const table of ['raw', 'filter']) await web.run(`${iptables} -t ${table} -F`);
      return web.run('ipset flush');
    },
    hasOneRule: async ({ web }: Network) => {
      assert.is((await web.run('iptables -t raw -S PREROUTING')).match(/riposte4/g)?.length, 1);
    },
  },
};

for (const [backend, firewall] of Object.entries(FIREWALLS)) {
  for (const [name, node] of INTERPRETERS) {
    const test = labSuite(`firewall-drop with ${backend} on ${name}`, ...firewall.needs);
    describe(test, backend, node, firewall);
    test.run();
  }
}

function describe(test: Test, backend: string, node: string, firewall: (typeof FIREWALLS)['nftables']): void {
  const inAll = leftToAll(test);
  // These tests check code that both backends share, so `npm test` runs them only with the first backend.
  const once = backend === 'nftables' ? test : inAll;
  let network: Network;
  let at: Installation;

  allOnOneSite(test, (made) => {
    network = made;
  });
  test.before.each(async () => {
    at = await Installation.create(network.web, node);
    // Many processes take turns to change the rules, so allow each process more time.
    await at.write('etc/riposte.conf', `FIREWALL_BACKEND=${backend}\nCOMMAND_TIMEOUT=2m\n`);
  });
  test.after.each(async () => {
    for (const address of [ADDRESS.attacker, ADDRESS.attacker6, '203.0.113.7/32', '203.0.113.0/29'])
      await run('delete', address);
    await at.remove();
  });

  const run = statusOf('firewall-drop', () => at);
  const outside: SeenFromOutside = { run, fetch: (from) => network.fetch(from), denied: 0 };

  const fetches = async (address: string) => (await network.fetch(address)) === 200;

  test('drops a blocked address, but not its neighbour, until the delete', () =>
    assertBlockedUntilDelete(outside));

  test('blocks an IPv6 address', () => assertBlockedUntilDelete(outside, ADDRESS.attacker6));

  inAll('blocks the IPv4 address of an IPv4-mapped address', async () => {
    assert.is(await run('add', `::ffff:${ADDRESS.attacker}`), 0);
    assert.not(await fetches(ADDRESS.attacker));
    assert.is(await run('delete', ADDRESS.attacker), 0);
    assert.ok(await fetches(ADDRESS.attacker));
  });

  once('blocks a prefix, and separately an address in it', async () => {
    await at.write('etc/riposte.allow', '');
    const prefix = '203.0.113.6/31';
    assert.is(await run('add', prefix), 0);
    assert.is(await run('add', ADDRESS.attacker), 0);
    assert.not(await fetches(ADDRESS.attacker));
    assert.ok(await fetches(ADDRESS.visitor));
    assert.is(await run('delete', prefix), 0);
    assert.not(await fetches(ADDRESS.attacker));
    assert.is(await run('delete', ADDRESS.attacker), 0);
    assert.ok(await fetches(ADDRESS.attacker));
  });

  inAll('blocks an IPv6 prefix', async () => {
    const prefix = '2001:db8:113::6/127';
    assert.is(await run('add', prefix), 0);
    assert.not(await fetches(ADDRESS.attacker6));
    assert.is(await run('delete', prefix), 0);
    assert.ok(await fetches(ADDRESS.attacker6));
  });

  test('answers at once that the host is unreachable when the action is reject', async () => {
    await at.write('etc/riposte.conf', `FIREWALL_BACKEND=${backend}\nFIREWALL_ACTION=reject\n`);
    assert.is(await run('add', ADDRESS.attacker), 0);
    assert.match(await curl(), /No route to host|Couldn't connect/);
    assert.is(await run('delete', ADDRESS.attacker), 0);
    assert.ok(await fetches(ADDRESS.attacker));
  });

  test('closes only the given ports, and applies a changed setting at the next block', async () => {
    assert.is(await run('add', ADDRESS.attacker, '--ports', '25,8000-8100'), 0);
    assert.ok(await fetches(ADDRESS.attacker));
    assert.is(await run('add', ADDRESS.attacker, '--ports', '25,80,8000-8100'), 0);
    assert.not(await fetches(ADDRESS.attacker));
    assert.is(await run('add', ADDRESS.attacker, '--ports', '443'), 0);
    assert.ok(await fetches(ADDRESS.attacker));
  });

  inAll('succeeds when an add or delete is repeated, and when a delete has no add', () =>
    assertRepeatable(outside),
  );

  inAll('blocks again after the rules were flushed', async () => {
    assert.is(await run('add', ADDRESS.attacker), 0);
    await firewall.flush(network);
    assert.ok(await fetches(ADDRESS.attacker));
    assert.is(await run('add', ADDRESS.attacker), 0);
    assert.not(await fetches(ADDRESS.attacker));
  });

  inAll('deletes a block when the kernel is empty, as after a reboot', async () => {
    assert.is(await run('add', ADDRESS.attacker), 0);
    await firewall.flush(network);
    assert.is(await run('delete', ADDRESS.attacker), 0);
    assert.is(await at.ledger('firewall-drop', ADDRESS.attacker), undefined);
  });

  test('makes each rule once when the first blocks come at the same time, and replaces all rules when the action changes', async () => {
    await firewall.flush(network);
    const targets = Array.from({ length: 15 }, (_, index) =>
      index % 2 === 0 ? `198.51.100.${index}` : `198.51.${index}.0/24`,
    );
    const statuses = await Promise.all(targets.map((target) => run('add', target)));
    assert.equal(new Set(statuses), new Set([0]));
    await firewall.hasOneRule(network);
    assert.is(await run('add', ADDRESS.attacker, '--action', 'reject', '--ports', '81'), 0);
    assert.ok(await fetches(ADDRESS.attacker));
  });

  test('lets the kernel end a block without a delete, and renews the block’s time at a second add', async () => {
    assert.is(await run('add', ADDRESS.attacker, '--block-for', '100s'), 0);
    const first = await firewall.secondsLeft(network);
    assert.ok(first > 40 && first <= 100, `${first} s left`);
    assert.is(await run('add', ADDRESS.attacker, '--block-for', '1h'), 0);
    const second = await firewall.secondsLeft(network);
    assert.ok(second > 3000 && second <= 3600, `${second} s left`);
    assert.is(await run('add', ADDRESS.attacker, '--block-for', '1s'), 0);
    await eventually('the block has ended', () => fetches(ADDRESS.attacker));
  });

  async function curl(): Promise<string> {
    const args = [
      'curl',
      '--silent',
      '--show-error',
      '--max-time',
      '30',
      '--interface',
      ADDRESS.attacker,
      `http://${ADDRESS.web}/`,
    ];
    return (await network.outside.start(args, {})).stderr;
  }
}
