import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

/** Bundles what the page of `riposte report` runs and looks like: outdir/report-page/page.js and page.css. */
export async function bundleReportPage(outdir: string): Promise<{ file: string; bytes: number }> {
  const directory = join(outdir, 'report-page');
  await mkdir(directory, { recursive: true });
  await build({
    entryPoints: ['cli/report/page/page.ts', 'cli/report/page/page.css'],
    outdir: directory,
    bundle: true,
    minify: true,
    platform: 'browser',
    // Browsers of the last years; also an administrator's old ESR.
    target: ['chrome100', 'firefox102', 'safari15'],
    format: 'iife',
    // The data is ASCII but for what logs hold; a script that is read in another encoding must still match its hash.
    charset: 'ascii',
    legalComments: 'inline',
    logLevel: 'error',
  });
  const file = join(directory, 'page.js');
  return { file, bytes: (await stat(file)).size };
}
