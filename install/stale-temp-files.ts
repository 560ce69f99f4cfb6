import { rmSync } from 'node:fs';
import { fileError, lstatIfThere } from '../base/files.ts';
import { freshOf, keptOf } from './changes.ts';
import { backupOf, candidateOf } from './conf-file.ts';
import { recoverArConf, scratchOf } from './configuration-check.ts';
import type { DesiredFiles } from './desired-file.ts';
import type { InstallTarget } from './install-target.ts';
import { type Manifest, manifestFileOf } from './manifest.ts';
import { codeFiles } from './precompile.ts';

/**
 * The temporary files of a killed run.
 *
 * @param conf the real path of ossec.conf
 */
export function staleTempFiles(
  target: InstallTarget,
  conf: string | undefined,
  manifest: Manifest,
  { files, links }: DesiredFiles = { files: [], links: [] },
): string[] {
  const { home, root } = target;
  const known = [
    ...[...files, ...links].map(({ path }) => path),
    ...[...Object.keys(manifest.files), ...Object.keys(manifest.links), ...manifest.once].map((path) =>
      root === '/' ? path : root + path,
    ),
    ...(conf === undefined ? [] : [conf]),
    backupOf(target),
    candidateOf(target),
    manifestFileOf(home),
    ...codeFiles(home),
  ];
  const names = new Set(known.flatMap((path) => [freshOf(path), keptOf(path)]));
  const guards = [freshOf, keptOf].map((name) => name(home.arConf, scratchOf(home.arConf)));
  return [...names, ...guards, candidateOf(target)].filter((path) => lstatIfThere(path) !== undefined);
}

/** Removes the temporary files of a killed run; restores ar.conf from its copy. @throws RiposteError (IOERR, NOPERM) */
export function removeStaleTempFiles(target: InstallTarget, leftovers: readonly string[]): void {
  for (const path of leftovers) {
    try {
      recoverArConf(target);
      rmSync(path, { force: true });
    } catch (error) {
      throw fileError('remove', path, error);
    }
  }
}
