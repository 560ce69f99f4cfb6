import { fragment, startApache } from '../lab/apache.ts';
import { runWithArguments, runWithMessage } from '../lab/execd.ts';
import { ossec, wazuh4 } from '../lab/managers.ts';
import { ADDRESS } from '../lab/network.ts';
import { startWebServer } from '../lab/web-server.ts';
import { type Stage, scene } from './stage.ts';

/** Shows that each response blocks and unblocks when it gets the message that a manager would send. */
export async function showResponses(): Promise<void> {
  await scene('firewall-drop, as Wazuh 4 runs it: nftables drops the attacker’s packets', async (stage) => {
    const stop = await startWebServer(stage.network.web);
    await blockAndUnblock(stage, 0, async (command) => {
      const message = wazuh4(command, ADDRESS.attacker);
      return (await runWithMessage(stage.installation, 'firewall-drop', message)).status;
    });
    await stop();
  });
  await scene('route-null, as OSSEC runs it: the kernel discards the answers', async (stage) => {
    const stop = await startWebServer(stage.network.web);
    await blockAndUnblock(stage, 0, async (command) => {
      const args = ossec(command, ADDRESS.attacker);
      return (await runWithArguments(stage.installation, 'route-null', args)).status;
    });
    await stop();
  });
  await scene('apache-deny, as OSSEC runs it: a real Apache answers 403', async (stage) => {
    const map = 'var/riposte/apache/deny.map';
    await stage.installation.write(map, '');
    const file = `${stage.installation.home}/${map}`;
    const apache = await startApache(stage.network.web, await fragment('deny-map.conf', file));
    await blockAndUnblock(stage, 403, async (command) => {
      const args = ossec(command, ADDRESS.attacker);
      return (await runWithArguments(stage.installation, 'apache-deny', args)).status;
    });
    await apache.stop();
  });
}

/** @param denied the attacker's result during the block: 0 for no answer, or Apache's 403 */
async function blockAndUnblock(
  { fetch, say, saw, installation }: Stage,
  denied: number,
  send: (command: 'add' | 'delete') => Promise<number | undefined>,
): Promise<void> {
  await fetch('attacker', 200);
  for (const command of ['add', 'delete'] as const) {
    saw(`the manager says ${command}; exit status`, String(await send(command)), '0');
    const { event, reason } = (await installation.journal()).at(-1) ?? {};
    say(`it says: ${event}, ${reason}`);
    await fetch('attacker', command === 'add' ? denied : 200);
    await fetch('visitor', 200);
  }
}
