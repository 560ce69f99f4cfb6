import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Home } from '../active-response/home.ts';
import { EX, RiposteError } from '../base/errors.ts';
import { readIfThere } from '../base/files.ts';
import type { DesiredFiles } from './desired-file.ts';
import { type Choice, NOTHING_CHOSEN } from './ossec-conf/choice.ts';

/**
 * The files of an installation: installed, or about to be installed. Paths are as the host sees them, without the root.
 */
export interface Manifest {
  /** Our own files, by path: the contents (SHA-256) that installations gave them. */
  readonly files: Readonly<Record<string, readonly string[]>>;
  /** Symbolic links, by path, and their targets. */
  readonly links: Readonly<Record<string, string>>;
  /** Files that were created once, and that belong to the administrator from then on. */
  readonly once: readonly string[];
  /** The administrator's choices, for the next installation. */
  readonly choice: Choice;
  /** Directories that the installation created, the outer first. */
  readonly directories: readonly string[];
}

export const NOTHING: Manifest = {
  files: {},
  links: {},
  once: [],
  choice: NOTHING_CHOSEN,
  directories: [],
};

export const manifestFileOf = ({ root }: Home): string => join(root, 'var/riposte/installed.json');

/** @throws RiposteError (IOERR) when it cannot be read */
export function readManifest(home: Home): Manifest | undefined {
  const file = manifestFileOf(home);
  const text = readIfThere(file);
  if (text === undefined) return undefined;
  try {
    return { ...NOTHING, ...JSON.parse(text) };
  } catch {
    throw new RiposteError(EX.IOERR, `${file} is damaged; remove it and run riposte install again`);
  }
}

/**
 * True when the manifest names an installation in use, or an installation that a killed uninstall has not fully
 * removed.
 */
export const namesInstallation = ({ files, links }: Manifest): boolean =>
  Object.keys({ ...files, ...links }).length > 0;

export const manifestText = (manifest: Manifest): string => `${JSON.stringify(manifest, null, 1)}\n`;

/**
 * The manifest of the desired files.
 *
 * @param leftOut paths that stay as they were before
 */
export function manifestOf(
  { files, links }: DesiredFiles,
  { before, leftOut }: { readonly before: Manifest; readonly leftOut: readonly string[] },
  choice: Choice,
  inside: (path: string) => string,
  once: readonly string[],
  directories: readonly string[],
): Manifest {
  const ours = files.filter((file) => !file.once);
  const present = <T>(entries: readonly (readonly [string, T])[], earlier: Readonly<Record<string, T>>) =>
    Object.fromEntries([
      ...entries.filter(([path]) => !leftOut.includes(path)),
      ...Object.entries(earlier).filter(([path]) => leftOut.includes(path)),
    ]);
  return {
    files: present(
      ours.map(({ path, bytes }) => [inside(path), [sha256(bytes)] as readonly string[]]),
      before.files,
    ),
    links: present(
      links.map(({ path, target }) => [inside(path), target]),
      before.links,
    ),
    once,
    choice,
    directories,
  };
}

/** The manifest during an update: the files of both versions. */
export function union(before: Manifest, after: Manifest): Manifest {
  const files = Object.keys({ ...before.files, ...after.files }).map((path) => {
    const hashes = [...(before.files[path] ?? []), ...(after.files[path] ?? [])];
    return [path, [...new Set(hashes)]] as const;
  });
  return {
    files: Object.fromEntries(files),
    links: { ...before.links, ...after.links },
    once: [...new Set([...before.once, ...after.once])],
    choice: after.choice,
    directories: [...new Set([...before.directories, ...after.directories])],
  };
}

export const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
