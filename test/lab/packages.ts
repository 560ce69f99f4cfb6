import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { TOOLS } from '../../packaging/tools.ts';
import { missingPrograms, type PackageOf } from './debian-programs.ts';

/** Installs the programs that make packages, and further programs. Returns the packages that are missing, and why. */
export const missingForPackages = (more: PackageOf = {}): Promise<string | undefined> =>
  missingPrograms({ ...TOOLS, ...more });

/**
 * Makes packages, quickly, in a new directory.
 *
 * @param args options of packaging/package.ts
 * @returns their paths, for `removePackages`
 */
export async function makePackages(args: readonly string[], umask = '022'): Promise<string[]> {
  const directory = await mkdtemp(join(tmpdir(), 'riposte-packages-'));
  const words = ['packaging/package.ts', '--quick', '--no-build', '--out', directory, ...args];
  const script = `umask ${umask}; exec "$0" build/run-ts.mjs "$@"`;
  await execa('sh', ['-c', script, process.execPath, ...words], { stdin: 'ignore' });
  return (await readdir(directory)).sort().map((name) => join(directory, name));
}

/** Removes packages of `makePackages`, with their directories. */
export async function removePackages(packages: readonly string[]): Promise<void> {
  for (const directory of new Set(packages.map((file) => dirname(file))))
    await rm(directory, { recursive: true });
}

/** Debian's name of this processor. */
export const DEBIAN_ARCHITECTURE = process.arch === 'arm64' ? 'arm64' : 'amd64';
