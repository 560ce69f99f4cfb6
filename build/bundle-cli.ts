import { readFileSync } from 'node:fs';
import { chmod, mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { filesOfDist, packed } from '../cli/carried-files.ts';
import { repositoryXml } from '../engine/ruleset/built-in.ts';

/**
 * Bundles the operator's command into one CommonJS file that works alone: it carries the scripts, decoders,
 * rules and fragments of `outdir`, which must be built before, and the stand-ins for the stock rules.
 */
export async function bundleCli(outdir: string): Promise<{ file: string; bytes: number }> {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  const file = join(outdir, 'riposte.js');
  await mkdir(outdir, { recursive: true });
  await build({
    entryPoints: ['cli/riposte.ts'],
    outfile: file,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    loader: { '.sh': 'text' },
    define: {
      RIPOSTE_VERSION: JSON.stringify(version),
      RIPOSTE_XML: JSON.stringify(repositoryXml('.')),
      RIPOSTE_FILES: JSON.stringify(packed(filesOfDist(outdir))),
    },
    banner: { js: "#!/usr/bin/env node\n// Riposte: the operator's command. Built file: edit the sources." },
    legalComments: 'inline',
    logLevel: 'error',
  });
  await chmod(file, 0o755);
  return { file, bytes: (await stat(file)).size };
}
