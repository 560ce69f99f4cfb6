import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { EX, RiposteError } from '../../active-response/errors.ts';
import { readIfThere } from '../../active-response/files.ts';
import type { Home } from '../../active-response/home.ts';
import { type Choice, NOTHING_CHOSEN } from '../ossec-conf/choice.ts';
import type { Belongings } from './belongings.ts';

/** What an installation has put where, or is about to. Paths are as the host sees them, without the root. */
export interface Manifest {
  /** Of what is ours alone, by path: the contents (SHA-256) that an installation has given it. */
  readonly files: Readonly<Record<string, readonly string[]>>;
  /** Symbolic links, by path, and where they lead. */
  readonly links: Readonly<Record<string, string>>;
  /** What was laid out once, and is the administrator's since. */
  readonly once: readonly string[];
  /** What the administrator has chosen, for the next installation. */
  readonly choice: Choice;
  /** Directories that were not there before, the outer first. */
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

/** True when an installation is noted there: one that is in use, or that a killed uninstall has not brought to its end. */
export const tells = ({ files, links }: Manifest): boolean => Object.keys({ ...files, ...links }).length > 0;

export const manifestText = (manifest: Manifest): string => `${JSON.stringify(manifest, null, 1)}\n`;

/** The manifest of what is to be there. */
export function manifestOf(
  { files, links }: Belongings,
  choice: Choice,
  inside: (path: string) => string,
  once: readonly string[],
  directories: readonly string[],
): Manifest {
  const ours = files.filter((file) => !file.once);
  return {
    files: Object.fromEntries(ours.map(({ path, bytes }) => [inside(path), [sha256(bytes)]])),
    links: Object.fromEntries(links.map(({ path, target }) => [inside(path), target])),
    once,
    choice,
    directories,
  };
}

/** What may be there while the one gives way to the other. */
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
