import { readFileSync } from 'node:fs';
import { seconds } from '../../active-response/settings/values.ts';
import { EX, RiposteError } from '../../base/errors.ts';
import { fileError } from '../../base/files.ts';
import type { Io } from '../../base/io.ts';
import { readPrivateValues } from '../../base/private-file.ts';
import { isSafeUrl } from '../../base/safe-url.ts';
import { carriedPack } from '../../install/wazuh5/carried-pack.ts';
import { type Indexer, indexerAt } from '../../install/wazuh5/indexer.ts';
import { installPack, type Wazuh5Options } from '../../install/wazuh5/install.ts';
import { uninstallPack } from '../../install/wazuh5/uninstall.ts';
import type { Arguments } from '../arguments.ts';
import { demandRoot } from '../root.ts';
import type { Verb } from '../verb.ts';

const CREDENTIALS = '/etc/riposte.wazuh5';
const KEYS = ['USER', 'PASSWORD'] as const;
const EXECUTABLES = ['firewall-drop.js', 'route-null.js'] as const;

/** riposte wazuh5: puts decoders, rules and the response into an indexer of Wazuh 5. */
export const wazuh5: Verb = {
  summary: 'put decoders, rules and an active response into an indexer of Wazuh 5, or remove them',
  operands: 'install|uninstall',
  options: {
    indexer: { value: 'URL', text: 'the indexer’s REST interface: https://HOST:9200' },
    ca: {
      value: 'FILE',
      text: 'the authority that signed the indexer’s certificate, as PEM (default: the system’s)',
    },
    credentials: {
      value: 'FILE',
      text: `USER=… and PASSWORD=… in a file that only root may read (default ${CREDENTIALS})`,
    },
    executable: {
      value: EXECUTABLES.join('|'),
      text: 'the script that the response runs on the agents (default firewall-drop.js)',
    },
    timeout: { value: 'TIME', text: 'the duration of the response’s blocks: 10m, 1h, 7d (default 10m)' },
    location: {
      value: 'WHERE',
      text: 'where the response runs: local (the agent of the log), all, or an agent’s number (default local)',
    },
    'no-response': {
      text: 'install no channel and no monitor: the rules make findings, and Wazuh blocks nobody',
    },
    'dry-run': { text: 'show the changes, and make none' },
  },
  notes:
    'Install writes content into the draft space, promotes it to the test space, tests lines there, and promotes it to the custom space. A second install changes only resources that differ; --executable, --timeout and --location keep their values until you give new ones. If a step fails, install removes the resources that it made. Uninstall removes all resources that install made, and no other resources. Agents need the scripts and a <localfile> for each log.',
  examples: [
    [
      'riposte wazuh5 install --indexer https://indexer.example.org:9200 --ca root-ca.pem',
      'install the pack',
    ],
    ['riposte wazuh5 install --indexer https://indexer.example.org:9200 --dry-run', 'show the changes'],
    ['riposte wazuh5 uninstall --indexer https://indexer.example.org:9200', 'remove the pack'],
  ],

  async run(given, io) {
    const [task, extra] = given.rest;
    if ((task !== 'install' && task !== 'uninstall') || extra !== undefined)
      throw new RiposteError(EX.USAGE, `wazuh5 needs one word, install or uninstall; nothing was changed`);
    const options = optionsOf(given);
    demandRoot('wazuh5');
    const indexer = indexerOf(given);
    const say = (line: string) => {
      io.out(line);
    };
    const pack = carriedPack();
    const count =
      task === 'install'
        ? await installPack(indexer, pack, options, say)
        : await uninstallPack(indexer, pack, options.isDryRun, say);
    conclude(task, count, options, indexer, io);
    return EX.OK;
  },
};

function conclude(task: string, count: number, options: Wazuh5Options, { host }: Indexer, io: Io): void {
  if (options.isDryRun) io.out(count === 0 ? `nothing to change on ${host}` : 'nothing was changed');
  else if (task === 'uninstall')
    io.out(count === 0 ? `${host} has nothing of Riposte` : `removed from ${host}`);
  else if (count === 0) io.out(`${host} is up to date`);
  else io.out(`installed on ${host}; the manager applies the pack within minutes`);
}

/** @throws RiposteError (USAGE) */
function optionsOf(given: Arguments): Wazuh5Options {
  const [executable, timeout, location] = ['executable', 'timeout', 'location'].map((name) =>
    given.value(name),
  );
  if (executable !== undefined && !EXECUTABLES.some((name) => name === executable))
    throw new RiposteError(EX.USAGE, `--executable is ${EXECUTABLES.join(' or ')}, not '${executable}'`);
  const time = timeout === undefined ? undefined : seconds(timeout);
  if (timeout !== undefined && time === undefined)
    throw new RiposteError(EX.USAGE, `--timeout is a time such as 10m, 1h or 7d, not '${timeout}'`);
  if (location !== undefined && !/^(?:local|all|\d{1,9})$/.test(location))
    throw new RiposteError(EX.USAGE, `--location is local, all or an agent's number, not '${location}'`);
  return {
    isDryRun: given.flag('dry-run'),
    responds: !given.flag('no-response'),
    executable,
    timeout: time,
    location,
  };
}

/** @throws RiposteError (USAGE, CONFIG) */
function indexerOf(given: Arguments): Indexer {
  const url = given.value('indexer');
  if (url === undefined) throw new RiposteError(EX.USAGE, 'name the indexer: --indexer https://HOST:9200');
  if (!isSafeUrl(url) || new URL(url).username !== '' || new URL(url).search !== '')
    throw new RiposteError(
      EX.USAGE,
      '--indexer is an https:// URL without a login and a query (http:// on this host alone)',
    );
  const credentialsFile = given.value('credentials') ?? CREDENTIALS;
  const values = readPrivateValues(credentialsFile, KEYS);
  const { USER: user, PASSWORD: password } = values ?? {};
  if (user === undefined || password === undefined)
    throw new RiposteError(
      EX.CONFIG,
      `${credentialsFile} ${values === undefined ? 'is missing' : 'lacks USER or PASSWORD'}: write USER=… and PASSWORD=… of an account of the indexer into it, and chmod 600`,
    );
  return indexerAt({ url, user, password, credentialsFile, ca: caOf(given.value('ca')) });
}

function caOf(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw fileError('read', file, error);
  }
  if (!text.includes('-----BEGIN CERTIFICATE-----'))
    throw new RiposteError(EX.CONFIG, `${file} holds no certificate in PEM form`);
  return text;
}
