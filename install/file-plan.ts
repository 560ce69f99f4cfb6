import { existsSync, lstatSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { EX, RiposteError } from '../base/errors.ts';
import type { DesiredFile, DesiredFiles, DesiredLink } from './desired-file.ts';
import type { InstallTarget } from './install-target.ts';
import { type Manifest, sha256 } from './manifest.ts';

/** One change to a file or a link. */
export type Step =
  | { readonly does: 'make' | 'replace'; readonly file: DesiredFile }
  | { readonly does: 'link'; readonly link: DesiredLink }
  | { readonly does: 'remove'; readonly path: string };

export interface FilePlan {
  /** Missing directories, the outer first. */
  readonly directories: readonly string[];
  readonly steps: readonly Step[];
  /** Removes files of an earlier version, after nothing names them any more. */
  readonly obsolete: readonly Step[];
  /** Sentences about foreign files that stay. */
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
  const steps = files.flatMap((file) => stepFor(file) ?? []);
  const foreign = steps.flatMap((step) =>
    step.does === 'replace' && !isOurs(step.file, before.files[target.inside(step.file.path)] ?? [])
      ? step.file.path
      : [],
  );
  if (foreign.length > 0)
    throw new RiposteError(
      EX.CANTCREAT,
      `${foreign.join(', ')}: changed since Riposte made it, or not Riposte's; move it away and install again`,
    );
  const wrong = links.filter(({ path, target }) => linkAt(path) !== target);
  const taken = wrong.filter(({ path }) => isTaken(path, before.links[target.inside(path)]));
  const made = wrong.filter((link) => !taken.includes(link)).map((link) => ({ does: 'link', link }) as const);
  // Compares real paths: the manifest may name the home by a link that leads there now.
  const wanted = new Set([...files, ...links].map(({ path }) => realPath(path)));
  const gone = planRemoval(target, withoutPaths(before, target, wanted));
  return {
    directories: missingDirectories([...files, ...links].map(({ path }) => path)),
    steps: [...steps, ...made],
    obsolete: gone.steps,
    remarks: [...taken.map(({ path }) => `${path} is not Riposte's and stays`), ...gone.remarks],
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

/** The path on this host of a path in the target. */
const outside = (root: string, path: string): string => (root === '/' ? path : root + path);

/** Plans the removal of all files that are as an installation made them. */
export function planRemoval(
  { root, inside }: InstallTarget,
  { files, links }: Manifest,
): Pick<FilePlan, 'steps' | 'remarks'> {
  const steps: Step[] = [];
  const remarks: string[] = [];
  for (const [name, hashes] of Object.entries(files)) {
    const path = outside(root, name);
    const bytes = bytesAt(path);
    if (bytes !== undefined && hashes.includes(sha256(bytes))) steps.push({ does: 'remove', path });
    else if (isThere(path))
      remarks.push(`${inside(path)} has been changed since it was installed, and stays`);
  }
  for (const [name, target] of Object.entries(links)) {
    const path = outside(root, name);
    if (linkAt(path) === target) steps.push({ does: 'remove', path });
  }
  return { steps, remarks };
}

function stepFor(file: DesiredFile): Step | undefined {
  const there = lstatSync(file.path, { throwIfNoEntry: false });
  if (there === undefined) return { does: 'make', file };
  if (file.once) return undefined;
  const { uid, gid, mode } = there;
  const isRight = uid === file.uid && gid === file.gid && (mode & 0o7777) === file.mode;
  return isRight && bytesAt(file.path)?.equals(file.bytes) ? undefined : { does: 'replace', file };
}

/** True for a file of an earlier installation, one that was copied by hand (as the README once described), or an equal one. */
function isOurs({ path, bytes }: DesiredFile, hashes: readonly string[]): boolean {
  const there = bytesAt(path);
  if (there === undefined) return false;
  const isScript = /^#!.*\n(':' \/\*\n# |\/\/ )Riposte: /.test(there.toString('latin1', 0, 400));
  return isScript || there.equals(bytes) || hashes.includes(sha256(there));
}

/** The content of a regular file; undefined for anything else. */
function bytesAt(path: string): Buffer | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() ? readFileSync(path) : undefined;
}

function linkAt(path: string): string | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ? readlinkSync(path) : undefined;
}

const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

const isTaken = (path: string, earlier: string | undefined): boolean =>
  isThere(path) && (earlier === undefined || linkAt(path) !== earlier);

export function missingDirectories(paths: readonly string[]): string[] {
  const missing = new Set<string>();
  for (const path of paths) {
    for (let each = dirname(path); !existsSync(each); each = dirname(each)) missing.add(each);
  }
  return [...missing].sort();
}
