import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { execa } from 'execa';
import type { Host } from './host.ts';
import { unpacked } from './unpacked.ts';
import type { Stop } from './web-server.ts';

/** PHP as a FastCGI server, unpacked and not installed. */
export interface Php {
  readonly program: string;
  /** LD_LIBRARY_PATH for libraries of PHP that the machine may lack. */
  readonly libraries: string;
}

/** The time limit for PHP to listen, in milliseconds. */
const PATIENCE = 60_000;

/** @returns Debian's php-cgi, or undefined when it cannot be fetched */
export async function phpProgram(): Promise<Php | undefined> {
  const version = await debianVersion();
  if (version === undefined) return undefined;
  const root = await unpacked(`php${version}-cgi`, 'libsodium23', 'libargon2-1');
  if (root === undefined) return undefined;
  const libraries = ['x86_64', 'aarch64'].map((machine) => join(root, `usr/lib/${machine}-linux-gnu`));
  return { program: join(root, `usr/bin/php-cgi${version}`), libraries: libraries.join(':') };
}

/** Starts PHP on a Unix socket. Messages of scripts go to the web server, by FastCGI's error stream. */
export async function startPhp(host: Host, { program, libraries }: Php, socket: string): Promise<Stop> {
  const settings = ['display_errors=0', 'log_errors=1', 'error_log=', 'html_errors=0'];
  const words = [program, '-n', ...settings.flatMap((setting) => ['-d', setting]), '-b', socket];
  // `umask 0` lets the web server's user connect. Without PHP_FCGI_MAX_REQUESTS=0, PHP would end after 500 requests.
  const server = host.start(['sh', '-c', 'umask 0; exec "$@"', 'sh', ...words], {
    stdin: 'ignore',
    env: { LD_LIBRARY_PATH: libraries, PHP_FCGI_MAX_REQUESTS: '0' },
  });
  for (const end = performance.now() + PATIENCE; !existsSync(socket); await wait(20))
    if (typeof server.exitCode === 'number' || performance.now() > end) {
      server.kill('SIGTERM');
      throw new Error(`PHP did not start: ${(await server).stderr}`);
    }
  return async () => {
    server.kill('SIGTERM');
    await server;
  };
}

/** Debian's php-cgi is an empty package that depends on a package with the version in its name, php8.2-cgi. */
async function debianVersion(): Promise<string | undefined> {
  // unpacked() also fetches missing package lists of apt.
  if ((await unpacked('php-cgi')) === undefined) return undefined;
  const { stdout } = await execa('apt-cache', ['depends', 'php-cgi'], { reject: false });
  return /Depends: php([\d.]+)-cgi/.exec(stdout ?? '')?.[1];
}
