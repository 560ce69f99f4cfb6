import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Host } from './host.ts';
import { unpacked } from './unpacked.ts';

/** A temporary nginx in a directory of its own. */
export interface Nginx {
  readonly directory: string;
  stop(): Promise<void>;
}

/** The time limit for nginx's start, in milliseconds. */
const PATIENCE = 60_000;

/**
 * Debian's nginx, unpacked: an installation would start it on this machine.
 *
 * @returns the program's path, or undefined when the package cannot be fetched
 */
export async function nginxProgram(): Promise<string | undefined> {
  const root = await unpacked('nginx');
  return root === undefined ? undefined : join(root, 'usr/sbin/nginx');
}

/** A module of nginx that is not part of the program. */
export interface NginxModule {
  /** The files to load, in this order. */
  readonly files: readonly string[];
  /** LD_LIBRARY_PATH for libraries that the machine may lack. */
  readonly libraries: string;
}

/**
 * ModSecurity 3 for nginx, unpacked from the packages of Debian 12.
 *
 * @returns undefined when the packages cannot be fetched, as on another release
 */
export async function modSecurityModule(): Promise<NginxModule | undefined> {
  const libraries = ['libmodsecurity3', 'libfuzzy2', 'libgeoip1', 'libmaxminddb0'];
  const modules = ['libnginx-mod-http-ndk', 'libnginx-mod-http-modsecurity'];
  const root = await unpacked(...modules, ...libraries);
  if (root === undefined) return undefined;
  const directories = ['x86_64', 'aarch64'].map((machine) => join(root, `usr/lib/${machine}-linux-gnu`));
  const names = ['ndk_http_module.so', 'ngx_http_modsecurity_module.so'];
  return {
    files: names.map((name) => join(root, 'usr/lib/nginx/modules', name)),
    libraries: directories.join(':'),
  };
}

/**
 * Starts nginx on a host.
 *
 * @param program the result of `nginxProgram`
 * @param http returns the directives inside `http { }` for nginx's directory; pages are in its subdirectory `htdocs`
 */
export async function startNginx(
  host: Host,
  program: string,
  http: (directory: string) => string,
  module?: NginxModule,
): Promise<Nginx> {
  const directory = await makeDirectory();
  const config = join(directory, 'nginx.conf');
  const load = module?.files.map((file) => `load_module ${file};\n`) ?? [];
  await writeFile(config, load.join('') + configuration(directory, http(directory)));
  const server = host.start([program, '-p', directory, '-c', config], {
    stdin: 'ignore',
    env: module === undefined ? {} : { LD_LIBRARY_PATH: module.libraries },
  });
  const nginx: Nginx = {
    directory,
    stop: async () => {
      server.kill('SIGTERM');
      await server;
      await rm(directory, { recursive: true, force: true });
    },
  };
  if (await isRunning(server, join(directory, 'start.log'))) return nginx;
  server.kill('SIGTERM');
  const why = (await server).stderr;
  await nginx.stop();
  throw new Error(`nginx did not start: ${why}`);
}

/** Waits until a worker starts: the master has opened its sockets by then. */
async function isRunning(server: { exitCode?: number | null }, log: string): Promise<boolean> {
  for (const end = performance.now() + PATIENCE; performance.now() < end; await wait(20)) {
    const text = await readFile(log, 'utf8').catch(() => '');
    if (text.includes('start worker process ')) return true;
    if (typeof server.exitCode === 'number') return false;
  }
  return false;
}

async function makeDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'riposte-nginx-'));
  await chmod(directory, 0o755);
  for (const name of ['htdocs', 'temporary']) await mkdir(join(directory, name));
  await writeFile(join(directory, 'htdocs/index.html'), 'a page\n');
  return directory;
}

function configuration(directory: string, http: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return [
    'daemon off;',
    // nginx changes to another user only if root has started it.
    ...(process.getuid?.() === 0 ? ['user www-data;'] : []),
    'worker_processes 1;',
    `pid ${directory}/nginx.pid;`,
    `error_log ${directory}/start.log notice;`,
    'events { worker_connections 512; }',
    'http {',
    ...temporary.map((name) => `${name}_temp_path ${directory}/temporary/${name};`),
    http,
    '}\n',
  ].join('\n');
}
