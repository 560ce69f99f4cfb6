import { existsSync, lstatSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { EX, RiposteError } from '../../active-response/errors.ts';
import type { Belongings, WantedFile, WantedLink } from './belongings.ts';
import { type Manifest, sha256 } from './manifest.ts';
import type { Site } from './site.ts';

/** One change to a file or a link. */
export type Step =
  | { readonly does: 'make' | 'replace'; readonly file: WantedFile }
  | { readonly does: 'link'; readonly link: WantedLink }
  | { readonly does: 'remove'; readonly path: string };

export interface Plan {
  /** Those that are missing, the outer first. */
  readonly directories: readonly string[];
  readonly steps: readonly Step[];
  /** What an earlier version had, and this one has not: goes when nothing names it any more. */
  readonly obsolete: readonly Step[];
  /** What is somebody else's and stays, in words. */
  readonly remarks: readonly string[];
}

/**
 * What has to be done for everything to be as wanted; nothing for what is so already.
 *
 * @throws RiposteError (CANTCREAT) naming every file that is in the way and not ours
 */
export function planInstall(site: Site, { files, links }: Belongings, before: Manifest): Plan {
  const steps = files.flatMap((file) => stepFor(file) ?? []);
  const foreign = steps.flatMap((step) =>
    step.does === 'replace' && !isOurs(step.file, before.files[site.inside(step.file.path)] ?? [])
      ? step.file.path
      : [],
  );
  if (foreign.length > 0)
    throw new RiposteError(
      EX.CANTCREAT,
      `${foreign.join(', ')}: not as Riposte made it, or somebody else's; move it away and install again`,
    );
  const wrong = links.filter(({ path, target }) => linkAt(path) !== target);
  const taken = wrong.filter(({ path }) => isTaken(path, before.links[site.inside(path)]));
  const made = wrong.filter((link) => !taken.includes(link)).map((link) => ({ does: 'link', link }) as const);
  // By their real places: the manifest may know the home by a link that leads there now.
  const wanted = new Set([...files, ...links].map(({ path }) => realPlace(path)));
  const gone = planRemoval(site, withoutPaths(before, site, wanted));
  return {
    directories: missingDirectories([...files, ...links].map(({ path }) => path)),
    steps: [...steps, ...made],
    obsolete: gone.steps,
    remarks: [...taken.map(({ path }) => `${path} is somebody else's and stays`), ...gone.remarks],
  };
}

function withoutPaths(manifest: Manifest, { root }: Site, places: ReadonlySet<string>): Manifest {
  const others = <T>(entries: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(
      Object.entries(entries).filter(([path]) => !places.has(realPlace(outside(root, path)))),
    );
  return { ...manifest, files: others(manifest.files), links: others(manifest.links) };
}

/** A path without links before its last part. */
function realPlace(path: string): string {
  const directory = dirname(path);
  return existsSync(directory) ? join(realpathSync(directory), basename(path)) : path;
}

/** Where this process finds what the host has at a path. */
const outside = (root: string, path: string): string => (root === '/' ? path : root + path);

/** What goes when nothing is wanted: only what is as an installation has made it. */
export function planRemoval(
  { root, inside }: Site,
  { files, links }: Manifest,
): Pick<Plan, 'steps' | 'remarks'> {
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

function stepFor(file: WantedFile): Step | undefined {
  const there = lstatSync(file.path, { throwIfNoEntry: false });
  if (there === undefined) return { does: 'make', file };
  if (file.once) return undefined;
  const { uid, gid, mode } = there;
  const isRight = uid === file.uid && gid === file.gid && (mode & 0o7777) === file.mode;
  return isRight && bytesAt(file.path)?.equals(file.bytes) ? undefined : { does: 'replace', file };
}

/** An earlier installation's, one by hand (which the README once told how to make), or the same anyway. */
function isOurs({ path, bytes }: WantedFile, hashes: readonly string[]): boolean {
  const there = bytesAt(path);
  if (there === undefined) return false;
  const isScript = /^#!.*\n(':' \/\*\n# |\/\/ )Riposte: /.test(there.toString('latin1', 0, 400));
  return isScript || there.equals(bytes) || hashes.includes(sha256(there));
}

/** The contents of a regular file; undefined for anything else. */
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
