import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { CHANNELS } from '../../notify/queue/spool.ts';
import { Installation } from './installation.ts';
import { type Mail, MailServer } from './mail-server.ts';
import { eventually } from './server.ts';
import { PATH } from './tools.ts';

/** The recipient in these tests. */
export const ADMIN = 'root@example.org';

/** A home with the built scripts, the built operator's command, and a mail server. */
export class MailScene {
  private constructor(
    readonly at: Installation,
    public server: MailServer,
  ) {}

  /** @param more lines for riposte.conf */
  static async create(more: readonly string[] = [], options: Parameters<typeof MailServer.create>[0] = {}) {
    const scene = new MailScene(await Installation.create(), await MailServer.create(options));
    await scene.settings(...more);
    // Without this block, messages would wait for a response that might still be running.
    await scene.block('203.0.113.9');
    return scene;
  }

  /** Writes riposte.conf, which sends mails to ADMIN through this server. The given lines override the usual lines. */
  async settings(...lines: readonly string[]): Promise<void> {
    const usual = [`MAIL_TO=${ADMIN}`, `MAIL_SERVER=${this.server.url()}`, 'MAIL_FROM=riposte@example.org'];
    const isNamed = (line: string) => lines.some((each) => each.startsWith(line.replace(/=.*/, '=')));
    await this.at.write(
      'etc/riposte.conf',
      `${[...usual.filter((line) => !isNamed(line)), ...lines].join('\n')}\n`,
    );
  }

  /** Stops the server, and starts another server on its port. */
  async restartServer(meanwhile: () => Promise<void>): Promise<void> {
    const { port } = this.server;
    await this.server.close();
    try {
      await meanwhile();
    } finally {
      this.server = await MailServer.create({ port });
    }
  }

  /** Puts a block into the ledger. Its backend is a map file in this home, so a sweep does not change the kernel. */
  async block(address: string, until = '2126-11-20T09:25:36.000Z'): Promise<void> {
    const block = {
      address,
      response: 'apache-deny',
      backend: 'map',
      since: '2026-11-20T09:15:36.000Z',
      until,
      offence: 1,
    };
    await this.at.write(`var/riposte/blocks/apache-deny/${address}.json`, JSON.stringify(block));
  }

  /** Runs the hook as OSSEC's execd does for an alert. @param env is added to PATH */
  alert(id = '1795166136.16', address = '203.0.113.9', env: Record<string, string> = {}) {
    const words = ['add', '-', address, id, '31151', '/var/log/apache2/access.log', '-'];
    const [program, ...args] = this.at.command('email-alert', words, env);
    return execa(program, args, { stdin: 'ignore', reject: false, cwd: '/' });
  }

  /** Runs the built operator's command. */
  async riposte(...args: string[]): Promise<{ status: number | undefined; out: string; err: string }> {
    const { exitCode, stdout, stderr } = await execa(
      process.execPath,
      ['dist/riposte.js', ...args, '--home', this.at.home],
      { reject: false, stdin: 'ignore', env: { PATH }, extendEnv: false },
    );
    return { status: exitCode, out: stdout, err: stderr };
  }

  /** Waits until the server has this many mails, and no sender runs. */
  async mails(count: number): Promise<readonly Mail[]> {
    await until(() => this.server.mails.length >= count, `${count} mails`);
    await this.rest();
    return this.server.mails;
  }

  /** Waits until no sender runs or starts: a sender runs for a while before it has the lock. */
  async rest(): Promise<void> {
    await until(async () => !(await this.isSent()), 'no sender to run');
  }

  private async isSent(): Promise<boolean> {
    const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const lines = await Promise.all(
      processes.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
    );
    return lines.some((line) => line.includes(this.at.home) && /\0--(?:sweep|send)\0/.test(line));
  }

  /** The number of messages in each spool directory that is not empty. */
  async spool(): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const name of ['new', 'inbox', ...CHANNELS, 'failed']) {
      const files = await readdir(join(this.at.home, 'var/riposte/spool', name)).catch(() => []);
      // Leave out temporary files of killed processes.
      const count = files.filter((file) => file.endsWith('.json')).length;
      if (count > 0) counts[name] = count;
    }
    return counts;
  }

  /** The outcomes in the journal, in order. */
  async events(): Promise<unknown[]> {
    return (await this.at.journal()).map(({ event }) => event);
  }

  async remove(): Promise<void> {
    await this.rest();
    await this.server.close();
    await this.at.remove();
  }
}

/** Waits until a condition holds. @throws Error when it takes too long */
export const until = (isSo: () => boolean | Promise<boolean>, what: string): Promise<void> =>
  eventually(what, async () => isSo());
