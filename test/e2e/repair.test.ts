import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { runWithArguments, runWithMessage } from '../lab/execd.ts';
import { eachOnItsOwnHost } from '../lab/fixtures.ts';
import type { Host } from '../lab/host.ts';
import type { Installation } from '../lab/installation.ts';
import { ossec, wazuh4 } from '../lab/managers.ts';
import { ADDRESS } from '../lab/network.ts';
import { labSuite } from '../lab/suite.ts';
import { PATH } from '../lab/tools.ts';

const test = labSuite('repair', 'nft');
let host: Host;
let at: Installation;

eachOnItsOwnHost(test, (...made) => ([host, at] = made));

test('a second delete unblocks an address when nft refused the first delete', async () => {
  await runWithArguments(at, 'firewall-drop', ossec('add', ADDRESS.attacker));
  await at.write('bin/nft', '#!/bin/sh\necho "Error: refused" >&2\nexit 1\n');
  await chmod(join(at.home, 'bin/nft'), 0o755);
  const env = { PATH: `${join(at.home, 'bin')}:${PATH}` };
  assert.is(
    (await runWithArguments(at, 'firewall-drop', ossec('delete', ADDRESS.attacker), { env })).status,
    69,
  );
  assert.is((await runWithArguments(at, 'firewall-drop', ossec('delete', ADDRESS.attacker))).status, 0);
  assert.not.match(await host.run('nft list set inet riposte blocked4'), ADDRESS.attacker);
});

for (const damage of [
  'flush table inet riposte',
  'flush chain inet riposte verdict',
  'delete chain inet riposte block',
]) {
  test(`lists the block with NO, and blocks again at a second add, after 'nft ${damage}'`, async () => {
    await runWithArguments(at, 'firewall-drop', ossec('add', ADDRESS.attacker));
    const whole = await host.run('nft list chain inet riposte block');
    await host.run(`nft ${damage}`);
    assert.match((await runWithArguments(at, 'firewall-drop', ['--list'])).stdout, / {2}NO {2}/);
    await runWithArguments(at, 'firewall-drop', ossec('add', ADDRESS.attacker));
    assert.is(await host.run('nft list chain inet riposte block'), whole);
    assert.match(await host.run('nft list chain inet riposte verdict'), /drop/);
    assert.match((await runWithArguments(at, 'firewall-drop', ['--list'])).stdout, / {2}yes {2}/);
  });
}

for (const flag of ['--apache-check', '--apache-reload', '--apache-file']) {
  test(`refuses ${flag} in a message, because the flag names a program or file for root`, async () => {
    const message = wazuh4('add', ADDRESS.attacker, [flag, join(at.home, 'x')]);
    const { status, questions } = await runWithMessage(at, 'apache-deny', message);
    assert.is(status, 64);
    assert.equal(questions, []);
    assert.match((await at.log()).at(-1) ?? '', '"outcome":"refused"');
  });
}

test.run();
