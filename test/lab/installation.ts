import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { withInterpreter } from '../../install/interpreter.ts';
import type { Host } from './host.ts';
import { FORM, RunningDaemon } from './running-daemon.ts';
import { PATH } from './tools.ts';

/** A home like a manager's, with only the built scripts in `active-response/bin`. */
export class Installation {
  private constructor(
    readonly home: string,
    /** The host that the scripts run on; undefined for this machine (only for scripts that change nothing). */
    readonly host: Host | undefined,
    readonly node: string,
    /** The daemon, when the tests run the scripts with the daemon. */
    readonly daemon: RunningDaemon | undefined,
  ) {}

  /** @param node the interpreter that runs the scripts */
  static async create(host?: Host, node = process.execPath): Promise<Installation> {
    const home = await mkdtemp(join(tmpdir(), 'riposte-home-'));
    await chmod(home, 0o755);
    const bin = join(home, 'active-response/bin');
    await mkdir(bin, { recursive: true });
    for (const file of await readdir('dist/active-response')) {
      const text = await readFile(join('dist/active-response', file), 'utf8');
      await writeFile(join(bin, file), withInterpreter(text, node), { mode: 0o755 });
    }
    const daemon = FORM === 'daemon' && host ? await RunningDaemon.start(home, host, node) : undefined;
    return new Installation(home, host, node, daemon);
  }

  script(response: string): string {
    return join(this.home, 'active-response/bin', `${response}.js`);
  }

  /** The command line that runs a response on the host, if there is one, with only PATH and `env` as environment. */
  command(
    response: string,
    args: readonly string[],
    env: Record<string, string> = {},
  ): [string, ...string[]] {
    const variables = Object.entries({ PATH, ...env }).map(([name, value]) => `${name}=${value}`);
    const words = ['/usr/bin/env', '-i', ...variables, this.script(response), ...args];
    if (this.host === undefined) return words as [string, ...string[]];
    const [program, rest] = this.host.command(words);
    return [program, ...rest];
  }

  /** Writes a file of the home: riposte.conf, an allow list, ar.conf. */
  async write(path: string, text: string): Promise<void> {
    const file = join(this.home, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }

  /** The text of a file of the home, empty when it is missing. */
  read(path: string): Promise<string> {
    return readFile(join(this.home, path), 'utf8').catch(() => '');
  }

  async log(): Promise<string[]> {
    return lines(await this.read('logs/active-responses.log'));
  }

  /** The events so far, without a last line that a process has not finished. */
  async journal(): Promise<Record<string, unknown>[]> {
    const text = await this.read('var/riposte/events.jsonl');
    return lines(text.slice(0, text.lastIndexOf('\n') + 1)).map((line) => JSON.parse(line));
  }

  /** The ledger's entry of an address, from the line for this address: several entries may share a file. */
  async ledger(response: string, address: string): Promise<Record<string, unknown> | undefined> {
    const text = await this.read(`var/riposte/blocks/${response}/${address.replace('/', '_')}.json`);
    return entryIn(text, address);
  }

  /** All files of the home except the scripts and the directory of riposte respond, by relative path. */
  async files(): Promise<string[]> {
    const entries = await readdir(this.home, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
    return files
      .filter((file) => basename(dirname(file)) !== 'bin')
      .map((file) => file.slice(this.home.length + 1))
      .filter((file) => !file.startsWith('var/riposte/respond'))
      .sort();
  }

  async remove(): Promise<void> {
    await this.daemon?.end();
    await rm(this.home, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** The ledger's entry for an address, in the text of a file that other addresses may share. */
export function entryIn(text: string, address: string): Record<string, unknown> | undefined {
  const entries: Record<string, unknown>[] = lines(text).map((line) => JSON.parse(line));
  return entries.find((entry) => entry.address === address);
}

const lines = (text: string) => text.split('\n').filter((line) => line !== '');
