import * as assert from 'uvu/assert';
import { runWithArguments } from '../lab/execd.ts';
import type { Host } from '../lab/host.ts';
import { Installation } from '../lab/installation.ts';
import { ossec } from '../lab/managers.ts';
import { ADDRESS, addContainer, createNetwork, type Network } from '../lab/network.ts';
import { labSuite } from '../lab/suite.ts';
import { type Stop, startWebServer } from '../lab/web-server.ts';

const PUBLISHED = `http://${ADDRESS.web}:8080/`;

const RESPONSES = [
  ['firewall-drop', 'FIREWALL_BACKEND=nftables'],
  ['firewall-drop', 'FIREWALL_BACKEND=nftables\nFIREWALL_ACTION=reject'],
  ['firewall-drop', 'FIREWALL_BACKEND=ipset'],
  ['firewall-drop', 'FIREWALL_BACKEND=ipset\nFIREWALL_ACTION=reject'],
  ['route-null', 'ROUTE_TYPE=unreachable'],
  ['route-null', 'ROUTE_TYPE=blackhole'],
] as const;

const test = labSuite(
  'a container behind a published port, as Docker sets it up',
  'nft',
  'iptables',
  'ipset',
);
let network: Network;
let container: Host;
let stop: Stop;

test.before(async () => {
  network = await createNetwork();
  container = await addContainer(network, 8080);
  stop = await startWebServer(container);
});
test.after(async () => {
  await stop();
  await container.remove();
  await network.remove();
});

for (const [response, settings] of RESPONSES) {
  test(`${response} stops the attacker of the container (${settings.replace('\n', ', ')})`, async () => {
    const at = await Installation.create(network.web);
    await at.write('etc/riposte.conf', `${settings}\n`);
    assert.is(await network.fetch(ADDRESS.attacker, PUBLISHED), 200);
    assert.is((await runWithArguments(at, response, ossec('add', ADDRESS.attacker))).status, 0);
    assert.is(await network.fetch(ADDRESS.attacker, PUBLISHED), 0);
    assert.is(await network.fetch(ADDRESS.visitor, PUBLISHED), 200);
    assert.is((await runWithArguments(at, response, ossec('delete', ADDRESS.attacker))).status, 0);
    assert.is(await network.fetch(ADDRESS.attacker, PUBLISHED), 200);
    await at.remove();
  });
}
test.run();
