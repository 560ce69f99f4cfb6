import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Host } from './host.ts';

/** A temporary Apache in a directory of its own. */
export interface Apache {
  /** The path of its configuration file, which `-f` names. */
  readonly config: string;
  readonly directory: string;
  /** The text of its error log. */
  errors(): Promise<string>;
  stop(): Promise<void>;
}

const MODULES = ['mpm_event', 'authz_core', 'authz_host', 'access_compat', 'dir', 'rewrite', 'remoteip'];
const MODULE_DIRECTORY = '/usr/lib/apache2/modules';

/** The time limit for Apache's start, in milliseconds. */
const PATIENCE = 60_000;

/** Optional parts of an Apache. */
export interface Extras {
  /** Modules besides the usual modules, such as `unique_id`. */
  modules: readonly string[];
  /** Returns directives that come before the fragments. Apache's user may write to `data` in the directory. */
  configuration(directory: string): string;
}

/**
 * Starts Apache on port 80 of a host.
 *
 * @param fragments the end of the configuration: files of httpd.conf.d with their paths replaced
 */
export async function startApache(host: Host, fragments: string, extras?: Extras): Promise<Apache> {
  const directory = await makeDirectory();
  const config = join(directory, 'apache.conf');
  await writeFile(join(directory, 'htdocs/index.html'), 'a page\n');
  const base = `${baseConfiguration(directory, extras?.modules)}\n${extras?.configuration(directory) ?? ''}`;
  await writeFile(config, `${base}\n${fragments}\n${virtualHosts(directory)}\n`);
  const server = host.start(['apache2', '-f', config, '-D', 'FOREGROUND'], { stdin: 'ignore' });
  const apache: Apache = {
    config,
    directory,
    errors: () => readFile(join(directory, 'error.log'), 'utf8').catch(() => ''),
    stop: async () => {
      server.kill('SIGTERM');
      await server;
      await rm(directory, { recursive: true, force: true });
    },
  };
  if (await isRunning(server, apache.errors)) return apache;
  server.kill('SIGTERM');
  const why = `${await apache.errors()}${(await server).stderr}`;
  await apache.stop();
  throw new Error(`Apache did not start: ${why}`);
}

/** A fragment of httpd.conf.d that reads this file instead of the file in /var/lib/riposte. */
export async function fragment(name: string, file: string): Promise<string> {
  const text = await readFile(join('httpd.conf.d', name), 'utf8');
  const path = /\/var\/lib\/riposte\/apache\/[a-z0-9.]+(?="?$)/gm;
  return text.replace(/^#.*$/gm, '').replace(path, file);
}

/**
 * Waits for a line in the error log. Before that line, Apache already listens, but does not yet handle signals such as
 * reload, and has not yet written its process id.
 */
async function isRunning(server: { exitCode?: number | null }, errors: Apache['errors']): Promise<boolean> {
  for (const end = performance.now() + PATIENCE; performance.now() < end; await wait(20)) {
    if ((await errors()).includes('resuming normal operations')) return true;
    if (typeof server.exitCode === 'number') return false;
  }
  return false;
}

/** Creates a directory with `htdocs` for pages, and `data`, which Apache's user may write to. */
async function makeDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'riposte-apache-'));
  await chmod(directory, 0o755);
  await mkdir(join(directory, 'htdocs'));
  await mkdir(join(directory, 'data'));
  await chmod(join(directory, 'data'), 0o1777);
  return directory;
}

function baseConfiguration(directory: string, more: readonly string[] = []): string {
  const modules = [...MODULES, ...more].map(
    (name) => `LoadModule ${name}_module ${MODULE_DIRECTORY}/mod_${name}.so`,
  );
  // Only a server that was started by root can change to another user.
  const user = process.getuid?.() === 0 ? ['User www-data', 'Group www-data'] : [];
  return [
    `ServerRoot ${directory}`,
    'ServerName web.example',
    'Listen 80',
    `PidFile ${directory}/apache.pid`,
    ...modules,
    ...user,
    `DocumentRoot ${directory}/htdocs`,
    `ErrorLog ${directory}/error.log`,
    'LogFormat "%h %l %u %t \\"%r\\" %>s %O \\"%{Referer}i\\" \\"%{User-Agent}i\\"" combined',
    `CustomLog ${directory}/access.log combined`,
    'DirectoryIndex index.html',
    'StartServers 1',
    'ThreadsPerChild 4',
    'MaxRequestWorkers 8',
    'ServerLimit 2',
    'GracefulShutdownTimeout 1',
  ].join('\n');
}

/** A virtual host with rewrite rules of its own, as on a real server. */
function virtualHosts(directory: string): string {
  return `
    <VirtualHost *:80>
      ServerName web.example
      DocumentRoot ${directory}/htdocs
      RewriteEngine On
      RewriteRule "^/old$" "/" [R=301]
    </VirtualHost>`;
}
