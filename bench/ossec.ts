import { rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readIfThere } from '../base/files.ts';
import { type PathEntry, readOssecConf } from '../engine/ruleset/ossec-conf.ts';
import { morfeus } from '../test/lab/access-log.ts';
import { FIREWALL_DROP_SH } from '../test/lab/manager-conf.ts';
import { eventually } from '../test/lab/server.ts';
import { OssecHome, whyNotRunnable } from './ossec-home.ts';
import type { Subject } from './time-to-block.ts';

/** The setup of the chain: the home's own rules and script, or the additions of `riposte install` as well. */
export const CHAINS = ['its own rules', 'with ours'] as const;

/**
 * OSSEC's chain: logcollector, analysisd, execd, and the script firewall-drop.
 *
 * @param home the home of an OSSEC server; it is not changed, and its running processes are left alone
 */
export const ossecChain = (home: string, rules: (typeof CHAINS)[number]): Subject => ({
  name: `OSSEC, ${rules}`,
  isMissing: () => whyNotRunnable(home),
  looksEvery: loopTimeout(home),
  start: async ({ host }, log) => {
    if (!host) throw new Error('OSSEC needs a host of its own');
    const ossec = await OssecHome.create(home, host);
    try {
      await prepare(ossec, log, rules === 'its own rules' ? STOCK_RESPONSE : '');
      if (rules !== 'its own rules')
        await ossec.run(process.execPath, resolve('dist/riposte.js'), 'install', '--home', home);
      await run(ossec, log);
    } catch (error) {
      await ossec.remove();
      throw error;
    }
    return { end: () => ossec.remove(), said: () => said(ossec) };
  },
  // Stock rule 31508 (level 6) and our 117040.
  attack: (source) => morfeus(source),
});

/**
 * The response of the stock ossec.conf, for servers and local installations. It answers alerts from level 6, the level
 * of rule 31508.
 */
const STOCK_RESPONSE = `
${FIREWALL_DROP_SH}
  <active-response>
    <command>firewall-drop</command>
    <location>local</location>
    <level>6</level>
    <timeout>600</timeout>
  </active-response>`;

/** The time between two reads of the logs by the ossec-logcollector of this home, in milliseconds. */
function loopTimeout(home: string): number {
  const options = ['internal_options.conf', 'local_internal_options.conf']
    .map((file) => readIfThere(join(home, 'etc', file)) ?? '')
    .join('\n');
  const [seconds = '2'] = [...options.matchAll(/^logcollector\.loop_timeout=(\d+)/gm)]
    .map(([, n]) => n)
    .slice(-1);
  return Number(seconds) * 1000;
}

/** The last lines of the daemons and scripts, without the list of rules files. */
async function said(ossec: OssecHome): Promise<string> {
  const logs = ['ossec.log', 'active-responses.log'].map(async (file) => {
    const text = await readFile(ossec.file(`logs/${file}`), 'utf8').catch(() => '');
    const lines = text.split('\n').filter((line) => line !== '' && !line.includes('INFO: Reading '));
    return `${file}:\n${lines.slice(-5).join('\n')}`;
  });
  return (await Promise.all(logs)).join('\n');
}

/** Prepares the home: removes Riposte and the daemons' files, and configures only the bench's log and one response. */
async function prepare(ossec: OssecHome, log: string, response: string): Promise<void> {
  const at = (...paths: string[]) => paths.map((path) => `${ossec.path}/${path}`);
  const left = '! -type d ! -name ossec.log -delete'.split(' ');
  await ossec.run('find', ...at('queue', 'logs', 'var/run'), ...left);
  // Create ossec.log here: if a daemon that runs as root created it, only root could write to it, and analysisd's
  // messages would be lost.
  await ossec.run('cp', '/dev/null', ...at('logs/ossec.log'));
  await ossec.run('chown', ...at('logs/ossec.log'), `--reference=${ossec.path}/logs`);
  await ossec.run('chmod', '660', ...at('logs/ossec.log'));
  await ossec.run('find', ...at('etc', 'rules', 'active-response/bin'), '-name', 'riposte[._]*', '-delete');
  rmSync(ossec.file('var/riposte'), { recursive: true, force: true });
  const file = ossec.file('etc/ossec.conf');
  const { decoders, rules } = readOssecConf(await readFile(file, 'utf8'), file);
  const conf = `<ossec_config>
  <global><email_notification>no</email_notification></global>
  <rules>
${[...elements('decoder', decoders), ...elements('include', rules)].join('\n')}
  </rules>
  <localfile><log_format>apache</log_format><location>${log}</location></localfile>${response}
</ossec_config>
`;
  await writeFile(file, conf);
}

const elements = (name: string, entries: PathEntry[]): string[] =>
  entries
    .filter(({ path }) => !/riposte_/.test(path))
    .map(({ path, isDirectory, pattern }) => {
      const tag = isDirectory ? (name === 'include' ? 'rule_dir' : 'decoder_dir') : name;
      return `    <${tag}${pattern === undefined ? '' : ` pattern="${pattern}"`}>${path}</${tag}>`;
    });

/** Starts the daemons in the order of ossec-control, and waits until ossec-logcollector follows the log. */
async function run(ossec: OssecHome, log: string): Promise<void> {
  const orElse = () => said(ossec);
  const says = async (what: RegExp) => what.test(await readFile(ossec.file('logs/ossec.log'), 'utf8'));
  // As a daemon, execd would work in /, where firewall-drop.sh could not create its lock: / is read-only here.
  await ossec.run(
    'sh',
    '-c',
    'cd "$0/active-response" && "$0/bin/ossec-execd" -f >/dev/null 2>&1 &',
    ossec.path,
  );
  await ossec.run(`${ossec.path}/bin/ossec-analysisd`);
  // A server's analysisd tries for 33 s to reach remoted, which does not run here. It then logs the failure and
  // continues.
  const isConnected = async () => {
    if (await says(/ossec-analysisd\(\d+\): ERROR: Queue '[^']*execq'/))
      throw new Error(`ossec-analysisd does not reach ossec-execd\n${await orElse()}`);
    return says(/ossec-analysisd: INFO: Connected to '[^']*execq'/);
  };
  await eventually('ossec-analysisd talks with ossec-execd', isConnected, { patience: 120_000, orElse });
  await ossec.run(`${ossec.path}/bin/ossec-logcollector`);
  const isReading = () => says(/ossec-logcollector: INFO: Started/);
  await eventually(`ossec-logcollector reads ${log}`, isReading, { patience: 60_000, orElse });
}
