import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { lookForProgram } from '../../base/find-program.ts';
import { runCommand, runCommandWith } from '../lab/command.ts';
import { runWithArguments } from '../lab/execd.ts';
import { eachOnItsOwnHost } from '../lab/fixtures.ts';
import type { Host } from '../lab/host.ts';
import type { Installation } from '../lab/installation.ts';
import { ossec } from '../lab/managers.ts';
import { labSuite } from '../lab/suite.ts';
import { PATH } from '../lab/tools.ts';
import { SHARE } from '../runner/share.ts';
import { inHours, writeEntry } from './ledger-files.ts';

const test = labSuite('sweep at once', 'nft');
let host: Host;
let at: Installation;

eachOnItsOwnHost(test, (...made) => ([host, at] = made));

/** The number of rounds, and the number of addresses of each kind. */
const [ROUNDS, COUNT] = SHARE === 'quick' ? [2, 3] : [3, 12];
const numbers = Array.from({ length: COUNT }, (_, index) => index);
const address = (kind: number, number: number) => `198.51.${100 + kind}.${number + 1}`;

/**
 * Removes the blocks in each response's backend, or a part of its rules, and adds addresses that no response has
 * blocked.
 */
const DAMAGE = {
  'firewall-drop': async (strays: string[]) => {
    await host.run('nft flush chain inet riposte verdict');
    await host.run(`nft add element inet riposte blocked4 { ${strays.join(', ')} }`);
  },
  'route-null': async (strays: string[]) => {
    await host.run('ip route flush proto 117');
    for (const stray of strays) await host.run(`ip route add unreachable ${stray} proto 117`);
  },
  'apache-deny': async (strays: string[]) => {
    const lines = strays.map((stray) => `${stray} deny\n`);
    await at.write('var/riposte/apache/deny.map', `# all but these are gone\n${lines.join('')}`);
  },
};

/** A PATH with slow nft and ip, so that other processes act between a sweep's listing and its change. */
async function slowPrograms(): Promise<string> {
  const directory = join(at.home, 'slow');
  for (const name of ['nft', 'ip']) {
    const file = lookForProgram(name, PATH);
    await at.write(
      `slow/${name}`,
      `#!/bin/sh\nsleep 0.2\n${file} "$@"\nstatus=$?\nsleep 0.2\nexit $status\n`,
    );
    await chmod(join(directory, name), 0o755);
  }
  return `${directory}:${PATH}`;
}

for (const [response, damage] of Object.entries(DAMAGE)) {
  test(`leaves ledger and backend of ${response} equal when sweeps run among adds and deletes`, async () => {
    const run = (command: 'add' | 'delete', target: string) =>
      runWithArguments(at, response, ossec(command, target));
    // The timeout is long, because many processes wait for each other's slow programs.
    await at.write('etc/riposte.conf', 'COMMAND_TIMEOUT=2m\n');
    await run('add', '198.51.102.99');
    const env = { PATH: await slowPrograms() };
    const sweep = (verb: string) => runCommandWith(env, host, at.home, verb, '--response', response);
    for (let round = 0; round < ROUNDS; round++) {
      const [fresh, old] = [round % 2, 1 - (round % 2)];
      await damage(['198.51.103.1', ...numbers.map((number) => address(fresh, number))]);
      for (const number of numbers) writeEntry(at.home, response, address(2, number), { until: inHours(-1) });
      await Promise.all([
        ...numbers.flatMap((number) => [
          ...(number % 3 === 0 ? [sweep('sweep')] : []),
          run('add', address(fresh, number)),
          run('delete', address(old, number)),
          // The time of these blocks is over in the ledger. An alert renews each block while a sweep ends it.
          run('add', address(2, number)),
        ]),
        sweep('restore'),
      ]);
      const { status, stdout, stderr } = await runCommand(host, at.home, 'status', '--response', response);
      assert.is(status, 0, `round ${round}: ${stdout}${stderr}`);
      for (const number of numbers) {
        assert.ok(await at.ledger(response, address(fresh, number)), `${address(fresh, number)} is lost`);
        assert.ok(await at.ledger(response, address(2, number)), `${address(2, number)} is lost`);
        assert.is(await at.ledger(response, address(old, number)), undefined);
      }
    }
  });
}

test.run();
