import {
  accessSync,
  constants,
  existsSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { EX, RiposteError } from '../base/errors.ts';
import { lstatIfThere } from '../base/files.ts';
import type { DesiredFile, DesiredFiles, DesiredLink } from './desired-file.ts';
import type { InstallTarget } from './install-target.ts';
import { isWithin } from './manager/manager.ts';
import { type Manifest, sha256 } from './manifest.ts';

/** One change to a file or a link. */
export type Step =
  | { readonly does: 'make' | 'replace'; readonly file: DesiredFile }
  /** Gives an edited file a second name before the file is replaced. */
  | { readonly does: 'keep'; readonly path: string; readonly as: string }
  | { readonly does: 'link'; readonly link: DesiredLink }
  | { readonly does: 'remove'; readonly path: string };

export interface FilePlan {
  /** Missing directories, the outer first. */
  readonly directories: readonly string[];
  readonly steps: readonly Step[];
  /** Removes files of an earlier version, once nothing names them any more. */
  readonly obsolete: readonly Step[];
  /** Paths that stay unchanged, because /usr/local cannot be written to. */
  readonly leftOut: readonly string[];
  /** Sentences about foreign files that stay, and about files that are left out. */
  readonly remarks: readonly string[];
}

/**
 * Plans the steps to the desired files; none for a file that is as desired already.
 *
 * @throws RiposteError (CANTCREAT) naming every foreign file in the way
 */
export function planInstall(
  target: InstallTarget,
  { files, links }: DesiredFiles,
  before: Manifest,
): FilePlan {
  const allSteps = files.flatMap((file) => stepFor(file) ?? []);
  const allWrong = links.filter(({ path, target }) => linkAt(path) !== target);
  const unwritable = new Map(
    [...allSteps.map(({ file }) => file.path), ...allWrong.map(({ path }) => path)].flatMap((path) => {
      const why = whyLeftOut(path, target);
      return why === undefined ? [] : [[path, why] as const];
    }),
  );
  const steps = allSteps.filter(({ file }) => !unwritable.has(file.path));
  // The manifest may name the home by another path, which is a link.
  const known = new Map(
    Object.entries(before.files).map(([name, hashes]) => [realPath(outside(target.root, name)), hashes]),
  );
  const hashesOf = ({ path }: DesiredFile) => known.get(realPath(path));
  const replaced = steps.flatMap((step) => (step.does === 'replace' ? step.file : []));
  const foreign = replaced
    .filter((file) => hashesOf(file) === undefined || bytesAt(file.path) === undefined)
    .filter((file) => !isOurs(file))
    .map(({ path }) => path);
  const edited = replaced.filter((file) => isEdited(file, hashesOf(file)));
  if (foreign.length > 0)
    throw new RiposteError(
      EX.CANTCREAT,
      `Riposte did not make ${foreign.join(', ')}; move ${foreign.length === 1 ? 'this file' : 'these files'} away, and install again`,
    );
  const wrong = allWrong.filter(({ path }) => !unwritable.has(path));
  const taken = wrong.filter(({ path }) => isTaken(path, before.links[target.inside(path)]));
  const made = wrong.filter((link) => !taken.includes(link)).map((link) => ({ does: 'link', link }) as const);
  // Compares real paths, because the manifest may name the home by a path that is now a link to it.
  const wanted = new Set([...files, ...links].map(({ path }) => realPath(path)));
  const gone = planRemoval(target, withoutPaths(before, target, wanted));
  return {
    directories: missingDirectories(
      [...files, ...links].map(({ path }) => path).filter((path) => !unwritable.has(path)),
    ),
    steps: [...edited.flatMap(({ path }) => keepEdit(path)), ...steps, ...made],
    obsolete: gone.steps,
    leftOut: [...unwritable.keys()],
    remarks: [
      ...taken.map(({ path }) => `${path} is not Riposte's and stays`),
      ...remarkOnLeftOut(unwritable, target),
      ...gone.remarks,
    ],
  };
}

function withoutPaths(manifest: Manifest, { root }: InstallTarget, paths: ReadonlySet<string>): Manifest {
  const others = <T>(entries: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(entries).filter(([path]) => !paths.has(realPath(outside(root, path)))));
  return { ...manifest, files: others(manifest.files), links: others(manifest.links) };
}

/** A path with the links before its last part resolved. */
function realPath(path: string): string {
  const directory = dirname(path);
  return existsSync(directory) ? join(realpathSync(directory), basename(path)) : path;
}

/** The command itself is in the home. A link to the command, a manual page and completion are only a convenience. */
function remarkOnLeftOut(unwritable: ReadonlyMap<string, string>, { inside, home }: InstallTarget): string[] {
  const [[, why] = []] = unwritable;
  if (why === undefined) return [];
  const paths = [...unwritable.keys()].map(inside).join(', ');
  return [`left out ${paths}: ${why}; call the command as ${inside(join(home.root, 'bin/riposte'))}`];
}

/**
 * The reason why a path in /usr/local cannot be written; undefined for a writable path, and for any path outside of it.
 */
function whyLeftOut(path: string, { root, inside }: InstallTarget): string | undefined {
  if (!path.startsWith(join(root, 'usr/local/'))) return undefined;
  let directory = dirname(path);
  while (!isThere(directory)) directory = dirname(directory);
  if (!existsSync(directory)) return `${inside(directory)} is a link to a missing directory`;
  if (!statSync(directory).isDirectory()) return `${inside(directory)} is not a directory`;
  try {
    accessSync(directory, constants.W_OK);
    return undefined;
  } catch (error) {
    const isReadOnly = (error as NodeJS.ErrnoException).code === 'EROFS';
    return `${inside(directory)} ${isReadOnly ? 'is read-only' : 'cannot be written to'}`;
  }
}

/** Returns the path on this host for a path in the target. */
const outside = (root: string, path: string): string => (root === '/' ? path : root + path);

/**
 * True for a path that an installation can have made: below the home, or named after Riposte. The manager's account may
 * write to the manifest's directory, and must not choose what root removes.
 */
function canBeOurs(path: string, { root, home }: InstallTarget): boolean {
  const real = realPath(resolve(path));
  const name = real.slice(root === '/' ? 0 : root.length);
  return isWithin(realpathSync(home.root), real) || /\/_?riposte[\w.-]*(\/|$)/.test(name);
}

/** Plans the removal of all files that have not changed since an installation made them. */
export function planRemoval(target: InstallTarget, manifest: Manifest): Pick<FilePlan, 'steps' | 'remarks'> {
  const { root, inside } = target;
  const isOwn = ([name]: readonly [string, unknown]) => canBeOurs(outside(root, name), target);
  const [files, links] = [Object.entries(manifest.files), Object.entries(manifest.links)];
  const steps: Extract<Step, { does: 'remove' }>[] = [];
  const remarks: string[] = [];
  for (const [name, hashes] of files.filter(isOwn)) {
    const path = outside(root, name);
    const bytes = bytesAt(path);
    if (bytes !== undefined && hashes.includes(sha256(bytes))) steps.push({ does: 'remove', path });
    else if (isThere(path))
      remarks.push(`${inside(path)} has been changed since it was installed, and stays`);
  }
  for (const [name, wanted] of links.filter(isOwn)) {
    const path = outside(root, name);
    if (linkAt(path) === wanted) steps.push({ does: 'remove', path });
  }
  const stays = ({ path }: { path: string }) => whyLeftOut(path, target);
  return {
    steps: steps.filter((step) => stays(step) === undefined),
    remarks: [
      ...remarks,
      ...[...files, ...links]
        .filter((entry) => !isOwn(entry))
        .map(([name]) => `${name} stays: installed.json names it, but no version of Riposte installs it`),
      ...steps.filter(stays).map((step) => `${inside(step.path)} stays: ${stays(step)}; remove it by hand`),
    ],
  };
}

function stepFor(file: DesiredFile): Extract<Step, { readonly file: DesiredFile }> | undefined {
  const there = lstatIfThere(file.path);
  if (there === undefined) return { does: 'make', file };
  if (file.once) return undefined;
  const { uid, gid, mode } = there;
  const isRight = uid === file.uid && gid === file.gid && (mode & 0o7777) === file.mode;
  return isRight && bytesAt(file.path)?.equals(file.bytes) ? undefined : { does: 'replace', file };
}

/**
 * True for a script of Riposte that was copied by hand (as the README once described), and for a file with equal
 * content.
 */
function isOurs({ path, bytes }: DesiredFile): boolean {
  const there = bytesAt(path);
  if (there === undefined) return false;
  const isScript = /^#!.*\n(':' \/\*\n# |\/\/ )Riposte: /.test(there.toString('latin1', 0, 400));
  return isScript || there.equals(bytes);
}

/**
 * True for an installed file that was changed after its installation.
 *
 * @param hashes of the contents that installations gave it
 */
function isEdited({ path, bytes }: DesiredFile, hashes: readonly string[] | undefined): boolean {
  const there = bytesAt(path);
  return (
    there !== undefined && hashes !== undefined && !there.equals(bytes) && !hashes.includes(sha256(there))
  );
}

/** Keeps an edited file under another name in its directory; plans nothing if a killed run has kept it already. */
function keepEdit(path: string): Step[] {
  const there = bytesAt(path);
  for (let number = 1; ; number++) {
    const as = editOf(path, number);
    const kept = bytesAt(as);
    if (there !== undefined && kept?.equals(there)) return [];
    if (!isThere(as)) return [{ does: 'keep', path, as }];
  }
}

/** A name that no manager, cron, systemd or shell reads. */
export const editOf = (path: string, number = 1): string =>
  `${path}.edited${number === 1 ? '' : `-${number}`}~`;

/** The content of a regular file; undefined for anything else. */
function bytesAt(path: string): Buffer | undefined {
  return lstatIfThere(path)?.isFile() ? readFileSync(path) : undefined;
}

function linkAt(path: string): string | undefined {
  return lstatIfThere(path)?.isSymbolicLink() ? readlinkSync(path) : undefined;
}

const isThere = (path: string): boolean => lstatIfThere(path) !== undefined;

const isTaken = (path: string, earlier: string | undefined): boolean =>
  isThere(path) && (earlier === undefined || linkAt(path) !== earlier);

export function missingDirectories(paths: readonly string[]): string[] {
  const missing = new Set<string>();
  for (const path of paths) {
    for (let each = dirname(path); !existsSync(each); each = dirname(each)) missing.add(each);
  }
  return [...missing].sort();
}
