import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, copyFile, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { homeAt } from '../../active-response/home.ts';
import { diagnose } from '../../doctor/diagnose.ts';
import { examine } from '../../doctor/examination.ts';
import type { Finding } from '../../doctor/finding.ts';
import { withInterpreter } from '../../install/interpreter.ts';
import { ManagerTree, type TreeKind } from '../lab/manager-tree.ts';
import { PATH } from '../lab/tools.ts';

/**
 * A manager's tree without mistakes: Riposte's scripts, rules, decoders and configuration from ossec.conf.d, the stock
 * files that ossec.conf names, and processes with the names of the manager's processes.
 */
export class HealthyTree {
  private constructor(
    readonly tree: ManagerTree,
    /** The processes by their names without the manager's prefix. */
    private readonly daemons: Map<string, ChildProcess>,
  ) {}

  static async create(kind: TreeKind): Promise<HealthyTree> {
    const tree = await ManagerTree.create(kind);
    const [manager, role] = [kind.startsWith('ossec') ? 'ossec' : 'wazuh', kind.replace(/.*-/, '')] as const;
    const healthy = new HealthyTree(tree, new Map());
    await healthy.installScripts(manager);
    await tree.write('logs/active-responses.log', '', 0o660);
    await tree.write('../../etc/group', 'root:x:0:\ndaemon:x:1:\n', 0o644);
    await tree.write('../../etc/cron.d/riposte', '*/5 * * * * root riposte sweep\n', 0o644);
    await tree.write('../../var/log/apache2/access.log', '', 0o644);
    await tree.write('etc/ossec.conf', await confOf(kind, await tree.read('etc/ossec.conf')));
    if (role !== 'agent' && kind !== 'wazuh5-server') await healthy.installRules(manager);
    if (!kind.startsWith('wazuh5')) {
      await tree.write('etc/shared/ar.conf', AR_CONF[manager]);
      const names = ['execd', 'logcollector', role === 'agent' ? 'agentd' : 'analysisd'];
      for (const name of names) await healthy.start(`${manager}-${name}`);
    } else if (role === 'agent') {
      for (const name of ['execd', 'logcollector', 'agentd']) await healthy.start(`wazuh-${name}`);
    }
    return healthy;
  }

  /** All findings that are not ok, except the host's own unsynchronised clock. */
  wrong(env: NodeJS.ProcessEnv = { PATH }): Finding[] {
    const findings = diagnose(examine(homeAt(this.tree.home), env));
    return findings.filter(({ state, seen }) => state !== 'ok' && seen !== 'the clock is not synchronised');
  }

  all(env: NodeJS.ProcessEnv = { PATH }): Finding[] {
    return diagnose(examine(homeAt(this.tree.home), env));
  }

  /** Replaces a text in a file of the home. The file must contain the text. */
  async change(
    path: string,
    from: string | RegExp,
    to: string | ((match: string) => string),
    mode?: number,
  ): Promise<void> {
    const text = await this.tree.read(path);
    const changed = typeof to === 'string' ? text.replace(from, to) : text.replace(from, to);
    if (changed === text) throw new Error(`${path} has no ${from}`);
    await this.tree.write(path, changed, mode);
    await this.restart();
  }

  /** Writes a file of the home, and pretends that the manager was restarted. */
  async write(path: string, text: string, mode?: number): Promise<void> {
    await this.tree.write(path, text, mode);
    await this.restart();
  }

  delete(path: string): Promise<void> {
    return rm(this.tree.path(path));
  }

  /** Rewrites the pid files, as if the manager was restarted. */
  async restart(): Promise<void> {
    const directory = this.tree.path('var/run');
    for (const file of await readdir(directory)) {
      const text = await readFile(join(directory, file), 'latin1');
      await this.tree.write(`var/run/${file}`, text);
    }
  }

  async remove(): Promise<void> {
    for (const daemon of this.daemons.values()) daemon.stdin?.end();
    await this.tree.remove();
  }

  /** Starts an idle process with this name: a copy of `cat`, which ends when this process ends. */
  private async start(name: string, path = PATH): Promise<void> {
    const program = join(this.tree.root, name);
    await copyFile('/bin/cat', program);
    await chmod(program, 0o755);
    const child = spawn(program, { stdio: ['pipe', 'ignore', 'ignore'], env: { PATH: path } });
    this.daemons.set(name.replace(/.*-/, ''), child);
    await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    await this.tree.write(`var/run/${name}-${child.pid}.pid`, `${child.pid}\n`);
  }

  /** Starts another process of the manager. */
  runAlso(manager: 'ossec' | 'wazuh', name: string): Promise<void> {
    return this.start(`${manager}-${name}`);
  }

  /** Replaces the running execd by an execd with another PATH. */
  async restartExecd(manager: 'ossec' | 'wazuh', path: string): Promise<void> {
    await this.stop('execd');
    await this.start(`${manager}-execd`, path);
  }

  /** Ends a process of the manager but leaves its pid file, as after a crash. */
  async stop(name: string): Promise<void> {
    const daemon = this.daemons.get(name);
    const hasEnded = new Promise((resolve) => daemon?.once('exit', resolve));
    daemon?.stdin?.end();
    await hasEnded;
  }

  /** The path of a process's pid file. */
  pidFile(name: string): string {
    const daemon = this.daemons.get(name);
    return join(this.tree.path('var/run'), `${basename(daemon?.spawnfile ?? '')}-${daemon?.pid}.pid`);
  }

  private async installScripts(manager: 'ossec' | 'wazuh'): Promise<void> {
    for (const file of await readdir('dist/active-response')) {
      const text = await readFile(join('dist/active-response', file), 'latin1');
      const path = `active-response/bin/${file}`;
      const mode = manager === 'wazuh' ? 0o750 : 0o550;
      await this.tree.write(path, withInterpreter(text, process.execPath), mode);
    }
  }

  private async installRules(manager: 'ossec' | 'wazuh'): Promise<void> {
    const directories = manager === 'ossec' ? ['etc', 'rules'] : ['etc/decoders', 'etc/rules'];
    for (const directory of directories) {
      await mkdir(this.tree.path(directory), { recursive: true });
      for (const file of await readdir(join('dist', manager, directory)))
        await this.tree.write(
          `${directory}/${file}`,
          await readFile(join('dist', manager, directory, file), 'latin1'),
        );
    }
    const stock =
      '<group name="web,">\n<rule id="31151" level="10"><if_matched_sid>31101</if_matched_sid></rule>\n</group>\n';
    if (manager === 'wazuh') {
      await this.tree.write('ruleset/rules/0245-web_rules.xml', stock);
      return;
    }
    await this.tree.write(
      'etc/decoder.xml',
      '<decoder name="pam"><program_name>pam</program_name></decoder>\n',
    );
    await this.tree.write('etc/internal_options.conf', 'analysisd.sid_prev_matched_max=4096\n');
    for (const [, file] of (await this.tree.read('etc/ossec.conf')).matchAll(/<include>(\w+\.xml)</g)) {
      if (!file?.startsWith('riposte'))
        await this.tree.write(`rules/${file}`, file === 'web_rules.xml' ? stock : '');
    }
  }
}

const AR_CONF = {
  ossec:
    'restart-ossec0 - restart-ossec.sh - 0\nroute-null600 - route-null.js - 600\nriposte-firewall-drop600 - firewall-drop.js - 600\n',
  wazuh:
    'restart-wazuh0 - restart-wazuh - 0\nriposte-route-null600 - route-null.js - 600\nriposte-firewall-drop600 - firewall-drop.js - 600\n',
};

/** The stock configuration with Riposte's parts added. */
async function confOf(kind: TreeKind, stock: string): Promise<string> {
  if (kind.startsWith('wazuh5') || kind === 'wazuh4-agent') return stock;
  const log =
    '<localfile>\n<log_format>syslog</log_format>\n<location>/var/ossec/logs/active-responses.log</location>\n</localfile>\n';
  if (kind === 'ossec-agent') return `${stock}<ossec_config>\n${log}</ossec_config>\n`;
  const manager = kind.startsWith('ossec') ? 'ossec' : 'wazuh';
  const parts = ['commands.xml', 'active_response.xml'].map((name) =>
    readFile(join('dist', manager, 'ossec.conf.d', name), 'latin1'),
  );
  const web =
    '<localfile>\n<log_format>apache</log_format>\n<location>/var/log/apache2/access.log</location>\n</localfile>\n';
  const own = `${(await Promise.all(parts)).join('\n')}\n<ossec_config>\n${web}${manager === 'ossec' ? log : ''}</ossec_config>\n`;
  const names = (await readdir(`dist/ossec/rules`)).filter((name) => !name.includes('behind_proxy'));
  const entries = ['<decoder>etc/riposte_decoders.xml</decoder>', '<decoder>etc/decoder.xml</decoder>'];
  const includes = names.map((name) => `<include>${basename(name)}</include>`);
  // Stock OSSEC's own responses are removed, because they would cause a warning.
  return manager === 'ossec'
    ? `${stock
        .replace('<rules>', `<rules>\n${entries.join('\n')}`)
        .replace('</rules>', `${includes.join('\n')}\n</rules>`)
        .replace(/<active-response>.*?<\/active-response>/s, '')}${own}`
    : `${stock.replace('<ruleset>', '<ruleset>\n<decoder_include>etc/decoders/0000-riposte_decoders.xml</decoder_include>')}${own}`;
}
