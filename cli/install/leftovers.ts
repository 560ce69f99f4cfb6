import { lstatSync, rmSync } from 'node:fs';
import { fileError } from '../../active-response/files.ts';
import type { Belongings } from './belongings.ts';
import { freshOf, keptOf } from './changes.ts';
import { backupOf, candidateOf } from './conf-file.ts';
import { recoverArConf, scratchOf } from './configuration-check.ts';
import { type Manifest, manifestFileOf } from './manifest.ts';
import type { Site } from './site.ts';

/**
 * What a killed run has left beside the files that it was about to change.
 *
 * @param conf the file that ossec.conf is
 */
export function leftoversOf(
  site: Site,
  conf: string | undefined,
  manifest: Manifest,
  { files, links }: Belongings = { files: [], links: [] },
): string[] {
  const { home, root } = site;
  const known = [
    ...[...files, ...links].map(({ path }) => path),
    ...[...Object.keys(manifest.files), ...Object.keys(manifest.links), ...manifest.once].map((path) =>
      root === '/' ? path : root + path,
    ),
    ...(conf === undefined ? [] : [conf]),
    backupOf(site),
    candidateOf(site),
    manifestFileOf(home),
  ];
  const names = new Set(known.flatMap((path) => [freshOf(path), keptOf(path)]));
  const guards = [freshOf, keptOf].map((name) => name(home.arConf, scratchOf(home.arConf)));
  return [...names, ...guards, candidateOf(site)].filter(
    (path) => lstatSync(path, { throwIfNoEntry: false }) !== undefined,
  );
}

/** Takes them away; ar.conf comes back from its own. @throws RiposteError (IOERR, NOPERM) */
export function removeLeftovers(site: Site, leftovers: readonly string[]): void {
  for (const path of leftovers) {
    try {
      recoverArConf(site);
      rmSync(path, { force: true });
    } catch (error) {
      throw fileError('remove', path, error);
    }
  }
}
