import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { execa } from 'execa';

/**
 * Unpacks Debian packages without installing them: their services must not start on this machine.
 *
 * @returns the directory with their files, or undefined when they cannot be fetched
 */
export async function unpacked(...packages: string[]): Promise<string | undefined> {
  const cache = resolve('node_modules/.cache/riposte');
  const root = join(cache, packages.join('+'));
  if (existsSync(root)) return root;
  await mkdir(cache, { recursive: true });
  const fresh = await mkdtemp(join(cache, 'unpack-'));
  try {
    const download = `. ${resolve('build/apt.sh')} && apt_get download "$@"`;
    await execa('bash', ['-c', download, 'bash', ...packages], { cwd: fresh });
    for (const file of await readdir(fresh))
      await execa('dpkg-deb', ['-x', join(fresh, file), `${fresh}/root`]);
    await rename(join(fresh, 'root'), root);
    return root;
  } catch {
    // Another run may have been first.
    return existsSync(root) ? root : undefined;
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}
