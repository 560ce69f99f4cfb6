import * as assert from 'uvu/assert';
import { runWithArguments, statusOf } from '../lab/execd.ts';
import { allOnOneSite } from '../lab/fixtures.ts';
import { Installation } from '../lab/installation.ts';
import { agentControl } from '../lab/managers.ts';
import { ADDRESS, type Network } from '../lab/network.ts';
import {
  assertBlockedUntilDelete,
  assertRepeatable,
  type SeenFromOutside,
} from '../lab/seen-from-outside.ts';
import { INTERPRETERS, labSuite } from '../lab/suite.ts';

for (const [name, node] of INTERPRETERS) {
  const test = labSuite(`route-null on ${name}`);
  let network: Network;
  let at: Installation;

  allOnOneSite(test, (made) => {
    network = made;
  });
  test.before.each(async () => {
    at = await Installation.create(network.web, node);
  });
  test.after.each(async () => {
    for (const address of [ADDRESS.attacker, ADDRESS.attacker6]) await run('delete', address);
    await at.remove();
  });

  const run = statusOf('route-null', () => at);
  const outside: SeenFromOutside = { run, fetch: (from) => network.fetch(from), denied: 0 };
  const fetches = async (address: string) => (await network.fetch(address)) === 200;
  const routeTo = async (address: string) => {
    const { stdout, stderr } = await network.web.start(['ip', 'route', 'get', address], {});
    return stdout + stderr;
  };

  test('makes a blocked address unreachable until the delete', async () => {
    assert.is((await runWithArguments(at, 'route-null', agentControl(ADDRESS.attacker))).status, 0);
    assert.match(await routeTo(ADDRESS.attacker), 'No route to host');
    assert.not(await fetches(ADDRESS.attacker));
    assert.ok(await fetches(ADDRESS.visitor));
    assert.is(await run('delete', ADDRESS.attacker), 0);
    assert.ok(await fetches(ADDRESS.attacker));
  });

  test('blocks an IPv6 address although the link has a better route', () =>
    assertBlockedUntilDelete(outside, ADDRESS.attacker6));

  test('blocks a prefix', async () => {
    assert.is(await run('add', '203.0.113.6/31'), 0);
    assert.not(await fetches(ADDRESS.attacker));
    assert.ok(await fetches(ADDRESS.visitor));
    assert.is(await run('delete', '203.0.113.6/31'), 0);
    assert.ok(await fetches(ADDRESS.attacker));
  });

  for (const [type, says] of [
    ['blackhole', 'Invalid argument'],
    ['prohibit', 'Permission denied'],
    ['unreachable', 'No route to host'],
  ] as const) {
    test(`uses a ${type} route when it is chosen, and replaces a route of another type`, async () => {
      assert.is(
        await run('add', ADDRESS.attacker, '--route-type', type === 'blackhole' ? 'prohibit' : 'blackhole'),
        0,
      );
      assert.is(await run('add', ADDRESS.attacker, '--route-type', type), 0);
      assert.match(await routeTo(ADDRESS.attacker), says);
    });
  }

  test('succeeds when an add or delete is repeated, and when a delete has no add', () =>
    assertRepeatable(outside));

  test('adds and deletes after the route was removed', async () => {
    assert.is(await run('add', ADDRESS.attacker), 0);
    await network.web.run(`ip route del unreachable ${ADDRESS.attacker}`);
    assert.is(await run('add', ADDRESS.attacker), 0);
    assert.not(await fetches(ADDRESS.attacker));
    await network.web.run(`ip route del unreachable ${ADDRESS.attacker}`);
    assert.is(await run('delete', ADDRESS.attacker), 0);
    assert.is(await at.ledger('route-null', ADDRESS.attacker), undefined);
  });

  for (const [kind, foreign] of [
    ['a gateway', '203.0.113.99 via 203.0.113.8'],
    ['a null route', 'blackhole 203.0.113.99'],
  ] as const) {
    test(`refuses to replace a foreign host route to ${kind}, and keeps that route`, async () => {
      await network.web.run(`ip route add ${foreign}`);
      assert.is(await run('add', '203.0.113.99'), 73);
      assert.match(
        (await at.log()).at(-1) ?? '',
        /failed: another program's route for 203\.0\.113\.99 exists already/,
      );
      assert.is(await at.ledger('route-null', '203.0.113.99'), undefined);
      assert.is(await run('delete', '203.0.113.99'), 0);
      assert.match(await network.web.run('ip route show'), foreign);
      await network.web.run(`ip route del ${foreign}`);
    });
  }
  test.run();
}
