/**
 * npm start: the main job, on a real kernel and a real Apache, in private networks that are made here and
 * vanish again. An attacker fetches a page; the message that a manager would send for him is fed to the built
 * script; he cannot fetch it any more; the delete arrives; he can again.
 */
import { format } from 'date-fns';
import { execa } from 'execa';
import { fragment, startApache } from '../lab/apache.ts';
import { runWithArguments, runWithMessage } from '../lab/execd.ts';
import { Installation } from '../lab/installation.ts';
import { ossec, wazuh4 } from '../lab/managers.ts';
import { privileges } from '../lab/namespaces.ts';
import { ADDRESS, createNetwork, type Network } from '../lab/network.ts';
import { missing } from '../lab/tools.ts';
import { startWebServer } from '../lab/web-server.ts';

const NEEDED = ['unshare', 'nsenter', 'ip', 'nft', 'curl', 'apache2'];

const say = (text: string) => console.log(`${format(new Date(), 'HH:mm:ss')}  ${text}`);

/** Did every fetch end as it should? */
let asExpected = true;

function saw(what: string, status: number, expected: number): void {
  const right = status === expected;
  asExpected &&= right;
  const seen = status === 0 ? 'no answer' : `HTTP ${status}`;
  say(
    `  ${what}: ${seen}${right ? '' : `, but expected ${expected === 0 ? 'no answer' : `HTTP ${expected}`}`}`,
  );
}

async function withNetwork(
  title: string,
  show: (network: Network, installation: Installation) => Promise<void>,
): Promise<void> {
  console.log(`\n${title}`);
  const network = await createNetwork();
  const installation = await Installation.create(network.web);
  try {
    await show(network, installation);
  } finally {
    await network.remove();
    await installation.remove();
  }
}

/** @param denied what the attacker gets while he is blocked: 0 for no answer at all, or Apache's 403 */
async function blockAndUnblock(
  { fetch }: Network,
  installation: Installation,
  denied: number,
  send: (command: 'add' | 'delete') => Promise<number | undefined>,
): Promise<void> {
  saw(`the attacker (${ADDRESS.attacker}) fetches the page`, await fetch(ADDRESS.attacker), 200);
  for (const command of ['add', 'delete'] as const) {
    const status = await send(command);
    say(`  the manager says ${command}: exit status ${status}`);
    asExpected &&= status === 0;
    say(`  active-responses.log: ${(await installation.log()).at(-1)?.slice(0, 160)}`);
    saw('the attacker fetches the page', await fetch(ADDRESS.attacker), command === 'add' ? denied : 200);
    saw(`a visitor (${ADDRESS.visitor}) fetches the page`, await fetch(ADDRESS.visitor), 200);
  }
}

async function main(): Promise<boolean> {
  await withNetwork(
    'firewall-drop, as Wazuh 4 runs it: nftables drops his packets',
    async (network, installation) => {
      const stop = await startWebServer(network.web);
      await blockAndUnblock(network, installation, 0, async (command) => {
        const message = wazuh4(command, ADDRESS.attacker);
        return (await runWithMessage(installation, 'firewall-drop', message)).status;
      });
      await stop();
    },
  );
  await withNetwork(
    'route-null, as OSSEC runs it: what would be answered goes nowhere',
    async (network, installation) => {
      const stop = await startWebServer(network.web);
      await blockAndUnblock(network, installation, 0, async (command) => {
        return (await runWithArguments(installation, 'route-null', ossec(command, ADDRESS.attacker))).status;
      });
      await stop();
    },
  );
  await withNetwork(
    'apache-deny, as OSSEC runs it: a real Apache answers 403',
    async (network, installation) => {
      const map = 'var/riposte/apache/deny.map';
      await installation.write(map, '');
      const apache = await startApache(
        network.web,
        await fragment('deny-map.conf', `${installation.home}/${map}`),
      );
      await blockAndUnblock(network, installation, 403, async (command) => {
        return (await runWithArguments(installation, 'apache-deny', ossec(command, ADDRESS.attacker))).status;
      });
      await apache.stop();
    },
  );
  console.log(asExpected ? '\nAll as it should be.' : '\nNot as it should be: see above.');
  return asExpected;
}

const lacking = missing(...NEEDED);
const prefix = lacking.length === 0 ? privileges() : undefined;
if (prefix === undefined) {
  console.error(
    lacking.length > 0
      ? `Missing here: ${lacking.join(', ')}.`
      : 'Neither root nor allowed to make user namespaces.',
  );
  console.error(
    'The demo cannot run without it; build/debian-packages.sh, as root, installs what is missing.',
  );
  process.exit(1);
}
if (prefix.length > 0) {
  const [program = '', ...args] = [...prefix, process.execPath, 'build/run-ts.mjs', 'test/demo/main-job.ts'];
  const { exitCode } = await execa(program, args, { stdio: 'inherit', reject: false });
  process.exit(exitCode ?? 1);
}
process.exit((await main()) ? 0 : 1);
