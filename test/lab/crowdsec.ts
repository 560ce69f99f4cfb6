import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host } from './host.ts';
import { eventually } from './server.ts';
import { unpacked } from './unpacked.ts';

/**
 * Debian's crowdsec with the library that it needs. It is only unpacked, because an installation would start it on this
 * machine. Undefined when it cannot be fetched.
 */
export const crowdsecPackage = (): Promise<string | undefined> => unpacked('crowdsec', 'libsqlite3-0');

/** Debian's crowdsec-custom-bouncer, only unpacked for the same reason. Undefined when it cannot be fetched. */
export const customBouncerPackage = (): Promise<string | undefined> => unpacked('crowdsec-custom-bouncer');

const PROFILES = "name: none\nfilters:\n - '1 == 2'\ndecisions: []\non_success: break\n";

/** A decision in an answer of the LAPI. */
export interface LapiDecision {
  readonly id: number;
  readonly value: string;
  readonly origin: string;
  readonly scenario: string;
  readonly duration: string;
}

/** A running LAPI with a configuration and a database of its own. It contacts no other machine. */
export class LapiServer {
  /** Its output so far. */
  said = '';
  #server: ReturnType<Host['start']> | undefined;

  private constructor(
    private readonly host: Host,
    private readonly root: string,
    private readonly directory: string,
    readonly address: string,
    private readonly isTls: boolean,
  ) {}

  /** @param tls a certificate and its key (PEM files) @param address its listening address on that host */
  static async create(
    host: Host,
    root: string,
    address = '127.0.0.1',
    tls?: { readonly cert: string; readonly key: string },
  ): Promise<LapiServer> {
    const directory = await mkdtemp(join(tmpdir(), 'riposte-lapi-'));
    for (const name of ['data', 'hub', 'plugins', 'notifications']) await mkdir(join(directory, name));
    const lapi = new LapiServer(host, root, directory, address, tls !== undefined);
    await writeFile(join(directory, 'hub/.index.json'), '{}');
    await writeFile(join(directory, 'simulation.yaml'), '');
    await writeFile(join(directory, 'credentials.yaml'), '');
    await writeFile(join(directory, 'profiles.yaml'), PROFILES);
    await writeFile(join(directory, 'config.yaml'), lapi.#configuration(tls));
    await lapi.cscli(
      'machines',
      'add',
      'local',
      '-p',
      'of-cscli',
      '-f',
      join(directory, 'credentials.yaml'),
      '-u',
      lapi.url,
    );
    return lapi;
  }

  get url(): string {
    return `${this.isTls ? 'https' : 'http'}://${this.address}:8080`;
  }

  async start(): Promise<void> {
    const words = [join(this.root, 'usr/bin/crowdsec'), '-c', join(this.directory, 'config.yaml')];
    // Run the LAPI alone, without crowdsec's agent and without the central API.
    const server = this.host.start([...words, '-no-cs', '-no-capi'], {
      stdin: 'ignore',
      buffer: false,
      env: this.#env,
    });
    this.#server = server;
    for (const stream of [server.stdout, server.stderr])
      stream?.on('data', (bytes) => {
        this.said += bytes;
      });
    await eventually('the LAPI answers', async () => (await this.#curl('/')).exitCode === 0, {
      orElse: () => this.said.slice(-2000),
    });
  }

  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    this.#server?.kill(signal);
    await this.#server;
    this.#server = undefined;
  }

  /** Runs cscli. @returns its standard output @throws Error when it fails */
  async cscli(...words: string[]): Promise<string> {
    const program = [join(this.root, 'usr/bin/cscli'), '-c', join(this.directory, 'config.yaml')];
    const { exitCode, stdout, stderr } = await this.host.start([...program, ...words], {
      stdin: 'ignore',
      env: this.#env,
    });
    if (exitCode !== 0) throw new Error(`cscli ${words.join(' ')}: ${stderr}`);
    return String(stdout);
  }

  /** Makes a bouncer's key. */
  async addBouncer(name: string, key: string): Promise<void> {
    await this.cscli('bouncers', 'add', name, '-k', key, '-o', 'raw');
  }

  /** Makes a machine's login. */
  async addMachine(name: string, password: string): Promise<void> {
    await this.cscli('machines', 'add', name, '--password', password, '-f', '/dev/null');
  }

  /** The decisions in force, by address. @param key of a bouncer */
  async decisions(key: string): Promise<LapiDecision[]> {
    return JSON.parse(String((await this.#curl('/v1/decisions', '-H', `X-Api-Key: ${key}`)).stdout)) ?? [];
  }

  async remove(): Promise<void> {
    await this.stop('SIGKILL');
    await rm(this.directory, { recursive: true, force: true });
  }

  #curl(path: string, ...words: string[]) {
    const all = ['curl', '--silent', '--insecure', '--max-time', '20', ...words, `${this.url}${path}`];
    return this.host.start(all, { stdin: 'ignore' });
  }

  get #env(): Record<string, string> {
    return { LD_LIBRARY_PATH: join(this.root, 'usr/lib/x86_64-linux-gnu') };
  }

  #configuration(tls: { readonly cert: string; readonly key: string } | undefined): string {
    const at = (name: string) => join(this.directory, name);
    return [
      'common: { daemonize: false, log_media: stdout, log_level: info, working_dir: . }',
      'config_paths:',
      `  config_dir: ${this.directory}`,
      `  data_dir: ${at('data')}`,
      `  simulation_path: ${at('simulation.yaml')}`,
      `  hub_dir: ${at('hub')}`,
      `  index_path: ${at('hub/.index.json')}`,
      `  notification_dir: ${at('notifications')}`,
      `  plugin_dir: ${at('plugins')}`,
      'cscli: { output: raw }',
      `db_config: { type: sqlite, db_path: ${at('data/crowdsec.db')}, use_wal: true, log_level: info }`,
      'api:',
      `  client: { insecure_skip_verify: true, credentials_path: ${at('credentials.yaml')} }`,
      '  server:',
      '    enable: true',
      '    log_level: warning',
      `    listen_uri: ${this.address}:8080`,
      `    profiles_path: ${at('profiles.yaml')}`,
      `    console_path: ${at('console.yaml')}`,
      ...(tls ? [`    tls: { cert_file: ${tls.cert}, key_file: ${tls.key} }`] : []),
      '',
    ].join('\n');
  }
}
