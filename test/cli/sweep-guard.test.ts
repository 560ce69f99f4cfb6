import * as assert from 'uvu/assert';
import { EX } from '../../base/errors.ts';
import { runCommand } from '../lab/command.ts';
import { runWithArguments } from '../lab/execd.ts';
import { eachOnItsOwnHost } from '../lab/fixtures.ts';
import type { Host } from '../lab/host.ts';
import type { Installation } from '../lab/installation.ts';
import { ossec } from '../lab/managers.ts';
import { labSuite } from '../lab/suite.ts';

const test = labSuite('a sweep and allowed addresses', 'nft');
let host: Host;
let at: Installation;

eachOnItsOwnHost(test, (...made) => ([host, at] = made));

const riposte = (...args: string[]) => runCommand(host, at.home, ...args);
const add = (address: string) => runWithArguments(at, 'firewall-drop', ossec('add', address));
const rules = () => host.run('nft list ruleset');

for (const verb of ['sweep', 'restore']) {
  test(`${verb} ends blocks of own addresses, the gateway and the allow list, and never restores them`, async () => {
    for (const address of ['198.51.100.1', '198.51.100.2', '198.51.100.3', '198.51.100.4'])
      await add(address);
    await host.run('nft flush ruleset');
    await host.run('ip address add 198.51.100.2/24 dev lo');
    await host.run('ip route add default via 198.51.100.1 dev lo');
    await at.write('etc/riposte.allow', '198.51.100.3\n');
    const { status, stdout } = await riposte(verb);
    assert.is(status, 0);
    assert.match(stdout, /198\.51\.100\.1: unblocked: Riposte never blocks it: a default gateway/);
    assert.match(stdout, /198\.51\.100\.2: unblocked: Riposte never blocks it: one of this host’s own/);
    assert.match(stdout, /198\.51\.100\.3: unblocked: Riposte never blocks it: in the allow list/);
    assert.match(await rules(), '198.51.100.4');
    assert.not.match(await rules(), /198\.51\.100\.[123]\b/);
    assert.is((await riposte('status')).status, 0);
    assert.is((await riposte(verb)).stdout, '');
  });
}

test('unblocks an address that was added to the allow list in an editor, and only reports it in a dry run', async () => {
  await add('198.51.100.0/24');
  await at.write('etc/riposte.allow', '198.51.100.3\n');
  assert.match((await riposte('sweep', '--dry-run')).stdout, /would be unblocked/);
  assert.match(await rules(), '198.51.100.0');
  assert.match(
    (await riposte('sweep')).stdout,
    /198\.51\.100\.0\/24: unblocked: .*allow list 198\.51\.100\.3/,
  );
  assert.not.match(await rules(), '198.51.100.0');
});

test('restores nothing, and ends expired blocks, when the allow list cannot be read', async () => {
  await add('198.51.100.3');
  await host.run('nft flush ruleset');
  await at.write('etc/riposte.allow', 'nonsense\n');
  const { status, stderr } = await riposte('sweep');
  assert.is(status, EX.CONFIG);
  assert.match(stderr, "riposte.allow:1: 'nonsense' is not an address");
  assert.not.match(await rules(), '198.51.100.3');
  await at.write('etc/riposte.allow', '');
  assert.match((await riposte('sweep')).stdout, 'restored');
});

test.run();
