import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host } from './host.ts';
import { eventually } from './server.ts';
import { unpacked } from './unpacked.ts';

/** Debian's fail2ban, only unpacked: an installation would start it here. Undefined when it cannot be fetched. */
export const fail2banPackage = (): Promise<string | undefined> => unpacked('fail2ban');

/** A running fail2ban-server with a configuration of its own. */
export class Fail2ban {
  #server: ReturnType<Host['start']> | undefined;

  private constructor(
    private readonly host: Host,
    private readonly root: string,
    private readonly directory: string,
  ) {}

  /**
   * @param action the text of action.d/riposte.conf
   * @param jails the text of jail.local; its jails read `LOG`
   */
  static async create(host: Host, root: string, action: string, jails: string): Promise<Fail2ban> {
    const directory = await mkdtemp(join(tmpdir(), 'riposte-fail2ban-'));
    await cp(join(root, 'etc/fail2ban'), join(directory, 'conf'), { recursive: true });
    await rm(join(directory, 'conf/jail.d'), { recursive: true, force: true });
    await mkdir(join(directory, 'conf/filter.d'), { recursive: true });
    await writeFile(join(directory, 'x.log'), '');
    await writeFile(join(directory, 'conf/filter.d/x.conf'), '[Definition]\nfailregex = ^bad <HOST>$\n');
    await writeFile(join(directory, 'conf/action.d/riposte.conf'), action);
    await writeFile(join(directory, 'conf/fail2ban.local'), `[Definition]\ndbfile = ${directory}/db\n`);
    const log = join(directory, 'x.log');
    await writeFile(join(directory, 'conf/jail.local'), jails.replaceAll('LOG', log));
    return new Fail2ban(host, root, directory);
  }

  async start(): Promise<void> {
    const server = this.#start('fail2ban-server', '--logtarget', join(this.directory, 'log'), '-f', 'start');
    this.#server = server;
    await eventually('fail2ban runs', async () => (await this.client('ping')).exitCode === 0);
  }

  /** Ends the server by a signal. On SIGTERM, the server first unbans all addresses. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    this.#server?.kill(signal);
    await this.#server;
    if (signal === 'SIGKILL')
      for (const name of ['sock', 'pid']) await rm(join(this.directory, name), { force: true });
  }

  client(...words: string[]) {
    return this.#start('fail2ban-client', ...words);
  }

  log = (): Promise<string> => readFile(join(this.directory, 'log'), 'utf8').catch(() => '');

  async remove(): Promise<void> {
    await this.stop('SIGKILL');
    await rm(this.directory, { recursive: true, force: true });
  }

  #start(program: string, ...words: string[]) {
    const at = (name: string) => join(this.directory, name);
    const files = ['-c', at('conf'), '-s', at('sock'), '-p', at('pid')];
    return this.host.start(['/usr/bin/python3', join(this.root, 'usr/bin', program), ...files, ...words], {
      stdin: 'ignore',
      env: { PYTHONPATH: join(this.root, 'usr/lib/python3/dist-packages') },
    });
  }
}
