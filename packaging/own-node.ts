import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { withSingletonLock } from '../base/singleton-lock.ts';
import pinned from './node.json' with { type: 'json' };
import { runTool } from './tools.ts';

/** The processors that packages with a Node of their own are made for, as Debian calls them. */
export type Architecture = keyof typeof pinned.packages;

export const ARCHITECTURES = Object.keys(pinned.packages) as Architecture[];

/** The version of that Node. */
export const NODE_VERSION = pinned.version;

/** The program that removes the symbols, which are a seventh of the file, for each processor. */
const STRIP: Readonly<Record<Architecture, string>> = {
  amd64: 'x86_64-linux-gnu-strip',
  arm64: 'aarch64-linux-gnu-strip',
};

/** A Node for the packages, and the licence that goes with it. */
export interface OwnNode {
  readonly program: string;
  readonly licence: string;
}

/** The time to wait for another process that fetches the same Node, in seconds. */
const PATIENCE = 900;

/**
 * Fetches the pinned Node from npm's package for this processor, and strips it. Keeps it in node_modules/.cache. If
 * another process fetches it, waits for that.
 *
 * @throws RiposteError (TEMPFAIL) when the other process takes too long
 * @throws Error when a program is missing or fails, or when the package is not the pinned one
 */
export function ownNode(architecture: Architecture): OwnNode {
  const cache = resolve('node_modules/.cache/riposte/node');
  const directory = join(cache, `${architecture}-${pinned.version}`);
  const file = `${directory}.lock`;
  const message = (holder: number | 'unknown') => `process ${holder} has fetched ${directory} for too long`;
  if (!existsSync(directory))
    withSingletonLock({ file, patience: PATIENCE, message }, () => {
      if (!existsSync(directory)) fetchNode(architecture, directory);
    });
  return { program: join(directory, 'node'), licence: join(directory, 'LICENSE') };
}

/** Only a complete Node gets this directory. */
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

/** @throws Error for an archive that is not the pinned one */
export function demandIntegrity(archive: string, integrity: string): void {
  const found = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
  if (found !== integrity)
    throw new Error(`${archive} has ${found}, but packaging/node.json demands ${integrity}`);
}
