import { readFileSync } from 'node:fs';
import { chmod, mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { filesOfDist, packed } from '../base/carried-files.ts';
import { repositoryXml } from '../engine/ruleset/built-in.ts';
import { commit, commitTime } from './commit.ts';
import { packageFilesIn } from './notices.ts';

const OPTIONS = {
  entryPoints: ['cli/riposte.ts'],
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  loader: { '.sh': 'text', '.txt': 'text' },
  logLevel: 'error',
} as const satisfies BuildOptions;

/** The files of packages that the command holds. It carries their licences, so the build finds these files first. */
export async function packageFilesOfCli(): Promise<string[]> {
  const { metafile } = await build({ ...OPTIONS, metafile: true, write: false, outdir: 'unused' });
  return packageFilesIn(metafile);
}

/**
 * Bundles the operator's command into one self-contained CommonJS file: it contains the scripts, decoders, rules and
 * fragments of `outdir`, which must be built before, and the stand-ins for the stock rules.
 */
export async function bundleCli(outdir: string): Promise<{ file: string; bytes: number }> {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  const file = join(outdir, 'riposte.js');
  await mkdir(outdir, { recursive: true });
  await build({
    ...OPTIONS,
    outfile: file,
    define: {
      RIPOSTE_VERSION: JSON.stringify(version),
      RIPOSTE_COMMIT: JSON.stringify(commit()),
      RIPOSTE_COMMIT_TIME: String(commitTime()),
      RIPOSTE_XML: JSON.stringify(repositoryXml('.')),
      RIPOSTE_FILES: JSON.stringify(packed(filesOfDist(outdir))),
    },
    banner: { js: "#!/usr/bin/env node\n// Riposte: the operator's command. Built file: edit the sources." },
    legalComments: 'inline',
  });
  await chmod(file, 0o755);
  return { file, bytes: (await stat(file)).size };
}
