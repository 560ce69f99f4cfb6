import * as assert from 'uvu/assert';
import { runWithArguments } from '../lab/execd.ts';
import { eachOnItsOwnHost } from '../lab/fixtures.ts';
import type { Host } from '../lab/host.ts';
import type { Installation } from '../lab/installation.ts';
import { ossec } from '../lab/managers.ts';
import { labSuite } from '../lab/suite.ts';
import { SHARE } from '../runner/share.ts';

const RESPONSES = [
  ['firewall-drop', 'nftables'],
  ['firewall-drop', 'ipset'],
  ['route-null', 'auto'],
  ['apache-deny', 'auto'],
] as const;

/** The number of simultaneous adds, and the number of addresses that are added and deleted repeatedly. */
const [ADDS, AGAIN] = SHARE === 'quick' ? [10, 3] : [200, 20];

const addresses = (count: number) => Array.from({ length: count }, (_, index) => `198.51.100.${index + 1}`);

const test = labSuite('many commands at once', 'nft', 'ipset', 'iptables');
let host: Host;
let at: Installation;

eachOnItsOwnHost(test, (...made) => ([host, at] = made));
// Many processes share two processors, so allow each command more time.
test.before.each(() => at.write('etc/riposte.conf', 'COMMAND_TIMEOUT=2m\n'));

for (const [response, backend] of RESPONSES) {
  const run = (command: 'add' | 'delete', address: string) =>
    runWithArguments(at, response, ['--backend', backend, ...ossec(command, address)]);
  /** The addresses in force, as the backend lists them. */
  const inForce = async () => {
    const { stdout } = await runWithArguments(at, response, ['--list', '--backend', backend]);
    const rows = stdout
      .split('\n')
      .slice(1)
      .map((line) => line.split(/ {2,}/));
    assert.ok(
      rows.every(([, , state]) => state === 'yes'),
      stdout,
    );
    return rows.map(([address = '']) => address).sort();
  };

  test(`blocks an address and logs a whole line for each of ${ADDS} adds with ${response} (${backend})`, async () => {
    const ended = await Promise.all(addresses(ADDS).map((address) => run('add', address)));
    assert.equal(
      ended.filter(({ status }) => status !== 0).map(({ stderr }) => stderr),
      [],
    );
    assert.equal(await inForce(), addresses(ADDS).sort());
    const log = await at.log();
    const whole =
      /^\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d UTC \d{4} \/\S+\.js add - (\S+) 1795166136\.16 31151 blocked: .*$/;
    assert.equal(log.map((line) => whole.exec(line)?.[1]).sort(), addresses(ADDS).sort());
    assert.is((await at.journal()).length, ADDS);
  });

  test(`keeps ledger and kernel equal through adds and deletes of the same addresses with ${response} (${backend})`, async () => {
    const commands = ['add', 'delete', 'add', 'add', 'delete'] as const;
    const ended = await Promise.all(
      addresses(AGAIN).flatMap((address) => commands.map((command) => run(command, address))),
    );
    assert.equal(
      ended.filter(({ status }) => status !== 0).map(({ stderr }) => stderr),
      [],
    );
    const listed = await inForce();
    const kernel = await heldByKernel();
    assert.equal(kernel, listed, 'the kernel must hold only the blocks of the ledger');
  });

  async function heldByKernel(): Promise<string[]> {
    const texts = {
      nftables: () => host.run('nft list set inet riposte blocked4'),
      ipset: () => host.run('ipset list riposte4'),
      auto: () =>
        response === 'route-null'
          ? host.run('ip route show proto 117')
          : at.read('var/riposte/apache/deny.map'),
    };
    const text = await texts[backend]();
    const found = [...text.replace(/^#.*$/gm, '').matchAll(/198\.51\.100\.\d+/g)].map(([address]) => address);
    // Two simultaneous adds may each append a line to the map; a delete removes both lines.
    return [...new Set(found)].sort();
  }
}
test.run();
