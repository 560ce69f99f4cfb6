import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { withSingletonLock } from '../base/singleton-lock.ts';
import pinned from './node.json' with { type: 'json' };
import { runTool } from './tools.ts';

/** The processors for which we make packages that contain Node, by their Debian names. */
export type Architecture = keyof typeof pinned.packages;

export const ARCHITECTURES = Object.keys(pinned.packages) as Architecture[];

/** The version of Node in these packages. */
export const NODE_VERSION = pinned.version;

/** For each processor, the program that removes Node's symbols, which are a seventh of the file. */
const STRIP: Readonly<Record<Architecture, string>> = {
  amd64: 'x86_64-linux-gnu-strip',
  arm64: 'aarch64-linux-gnu-strip',
};

/** The files of Node that a package contains: the program and its licence. */
export interface OwnNode {
  readonly program: string;
  readonly licence: string;
}

/** The time to wait for another process that fetches the same Node, in seconds. */
const PATIENCE = 900;

/**
 * Fetches the pinned Node from npm's package for this processor, and strips it. Keeps it in node_modules/.cache. If
 * another process is fetching the same Node, waits for that process.
 *
 * @throws RiposteError (TEMPFAIL) when the other process takes too long
 * @throws Error when a program is missing or fails, or when the package is not the pinned one
 */
export function ownNode(architecture: Architecture): OwnNode {
  const cache = resolve('node_modules/.cache/riposte/node');
  const directory = join(cache, `${architecture}-${pinned.version}`);
  const file = `${directory}.lock`;
  const message = (holder: number | 'unknown') => `process ${holder} takes too long to fetch ${directory}`;
  if (!existsSync(directory))
    withSingletonLock({ file, patience: PATIENCE, message }, () => {
      if (!existsSync(directory)) fetchNode(architecture, directory);
    });
  return { program: join(directory, 'node'), licence: join(directory, 'LICENSE') };
}

/** Fetches Node into a temporary directory first, so that `directory` never holds an incomplete Node. */
function fetchNode(architecture: Architecture, directory: string): void {
  const { name, integrity } = pinned.packages[architecture];
  const fresh = mkdtempSync(join(dirname(directory), 'fetch-'));
  try {
    runTool('npm', ['pack', '--silent', '--pack-destination', fresh, `${name}@${pinned.version}`], {
      env: { npm_config_fetch_retries: '5' },
    });
    const archive = join(fresh, `${name}-${pinned.version}.tgz`);
    demandIntegrity(archive, integrity);
    runTool('tar', ['-xzf', archive, '-C', fresh, '--no-same-owner', 'package/bin/node', 'package/LICENSE']);
    runTool(STRIP[architecture], ['-o', join(fresh, 'node'), join(fresh, 'package/bin/node')]);
    mkdirSync(join(fresh, 'done'));
    renameSync(join(fresh, 'node'), join(fresh, 'done/node'));
    renameSync(join(fresh, 'package/LICENSE'), join(fresh, 'done/LICENSE'));
    renameSync(join(fresh, 'done'), directory);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** @throws Error when the archive's checksum is not the pinned checksum */
export function demandIntegrity(archive: string, integrity: string): void {
  const found = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
  if (found !== integrity)
    throw new Error(`${archive} has ${found}, but packaging/node.json demands ${integrity}`);
}
