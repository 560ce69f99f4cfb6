import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Bundled } from './bundled.ts';
import { packageFilesIn } from './notices.ts';

/** Bundles script and style of the page of `riposte report`: outdir/report-page/page.js and page.css. */
export async function bundleReportPage(outdir: string): Promise<Bundled> {
  const directory = join(outdir, 'report-page');
  await mkdir(directory, { recursive: true });
  const { metafile } = await build({
    metafile: true,
    entryPoints: ['report/page/page.ts', 'report/page/page.css'],
    outdir: directory,
    bundle: true,
    minify: true,
    platform: 'browser',
    // Browsers of recent years, including an old ESR of Firefox.
    target: ['chrome100', 'firefox102', 'safari15'],
    format: 'iife',
    // ASCII, because a script that is read in another encoding must still match its hash.
    charset: 'ascii',
    legalComments: 'inline',
    logLevel: 'error',
  });
  const file = join(directory, 'page.js');
  return { file, bytes: (await stat(file)).size, packageFiles: packageFilesIn(metafile) };
}
