import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host } from './host.ts';
import type { Stop } from './web-server.ts';

/** A dnsmasq name server, which knows only the names in its configuration, and answers NXDOMAIN for any other name. */
export class DnsServer {
  /** Its log so far, with all queries. */
  said = '';
  readonly #process: ReturnType<Host['start']>;

  private constructor(process: ReturnType<Host['start']>) {
    this.#process = process;
    for (const stream of [process.stdout, process.stderr])
      stream?.on('data', (bytes: Buffer) => {
        this.said += bytes;
      });
  }

  /**
   * Starts a name server on the host's loopback.
   *
   * @param directory for its configuration
   * @param lines of its configuration
   */
  static async start(host: Host, directory: string, lines: readonly string[], port = 53): Promise<DnsServer> {
    const file = join(directory, `dnsmasq-${port}.conf`);
    await writeFile(file, [...CONFIGURATION, `port=${port}`, ...lines, ''].join('\n'));
    const words = ['dnsmasq', '--keep-in-foreground', '--log-facility=-', `--conf-file=${file}`];
    const server = new DnsServer(host.start(words, { stdin: 'ignore', buffer: false }));
    await server.#isReady();
    return server;
  }

  /** The names that clients have asked for. */
  get queries(): string[] {
    return [...this.said.matchAll(/ query\[\w+\] (\S+) from/g)].map(([, name]) => String(name));
  }

  async stop(): Promise<void> {
    this.#process.kill();
    await this.#process;
  }

  #isReady(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#process.stderr?.on('data', () => this.said.includes(' started,') && resolve());
      this.#process.then(() => reject(new Error(`dnsmasq has ended:\n${this.said}`)));
    });
  }
}

const CONFIGURATION = [
  'no-resolv',
  'no-hosts',
  'user=root',
  'pid-file=',
  'listen-address=127.0.0.1',
  'bind-interfaces',
  'log-queries',
  'cache-size=0',
  ...['arpa', 'com', 'net', 'org', 'example'].map((domain) => `local=/${domain}/`),
];

/**
 * Starts a relay that passes queries to another name server of the host, and delays the answers.
 *
 * @param delay milliseconds; with Infinity, the relay never answers
 */
export async function startSlowDns(host: Host, port: number, to: number, delay: number): Promise<Stop> {
  const words = [process.execPath, '-e', RELAY, String(port), String(to), String(delay)];
  const relay = host.start(words, { stdin: 'ignore', buffer: false });
  await new Promise((resolve) => relay.stdout?.once('data', resolve));
  return async () => {
    relay.kill();
    await relay;
  };
}

const RELAY = `
  const dgram = require('node:dgram');
  const [port, to, delay] = process.argv.slice(1).map(Number);
  const socket = dgram.createSocket('udp4');
  socket.on('message', (query, from) => {
    if (delay === Infinity) return;
    const upstream = dgram.createSocket('udp4');
    upstream.on('message', (answer) => {
      upstream.close();
      setTimeout(() => socket.send(answer, from.port, from.address), delay);
    });
    upstream.send(query, to, '127.0.0.1');
  });
  socket.bind(port, '127.0.0.1', () => console.log('ready'));
`;

/** Makes a host, which must have its own mounts, use the name server on its loopback. @param directory for the file */
export async function useOwnDns(host: Host, directory: string): Promise<void> {
  const file = join(directory, 'resolv.conf');
  await writeFile(file, 'nameserver 127.0.0.1\n');
  await host.run(`mount --bind ${file} /etc/resolv.conf`);
}
