import { readFileSync } from 'node:fs';
import { chmod, mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { filesOfDist } from '../base/carried-files.ts';
import { packed } from '../base/packed.ts';
import { repositoryXml } from '../engine/ruleset/built-in.ts';
import { FOR_NODE } from './bundled.ts';
import { commit, commitTime } from './commit.ts';
import { packageFilesIn } from './notices.ts';
import { bundleInParts } from './parts.ts';

const OPTIONS = {
  entryPoints: ['cli/riposte.ts'],
  ...FOR_NODE,
  loader: { '.sh': 'text', '.txt': 'text' },
} as const satisfies BuildOptions;

const BANNER = "#!/usr/bin/env node\n// Riposte: the operator's command. Built file: edit the sources.";

/**
 * The files of packages that the command contains. The build needs this list before it bundles the command, because the
 * command also contains the licences of these packages.
 */
export async function packageFilesOfCli(): Promise<string[]> {
  const { metafile } = await build({ ...OPTIONS, metafile: true, write: false, outdir: 'unused' });
  return packageFilesIn(metafile);
}

/**
 * Bundles the operator's command into one self-contained CommonJS file: it contains the stand-ins for the stock rules,
 * and the scripts, decoders, rules and fragments in `outdir`. Build these files first.
 */
export async function bundleCli(outdir: string): Promise<{ file: string; bytes: number }> {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  const file = join(outdir, 'riposte.js');
  await mkdir(outdir, { recursive: true });
  const options = {
    ...OPTIONS,
    define: {
      RIPOSTE_VERSION: JSON.stringify(version),
      RIPOSTE_COMMIT: JSON.stringify(commit()),
      RIPOSTE_COMMIT_TIME: String(commitTime()),
      RIPOSTE_XML: JSON.stringify(packed(repositoryXml('.'))),
      RIPOSTE_FILES: JSON.stringify(packed(filesOfDist(outdir))),
    },
    legalComments: 'inline',
  } as const;
  await writeFile(file, await bundleInParts(options, BANNER));
  await chmod(file, 0o755);
  return { file, bytes: (await stat(file)).size };
}
