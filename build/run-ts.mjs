// Runs one TypeScript program of this repository: node build/run-ts.mjs FILE.ts [ARGUMENT…]
// esbuild is a dependency of the build anyway, so it serves as the TypeScript loader.
import { mkdirSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

// At every start, Node takes a tenth of a second to read these certificates; no program here needs them.
delete process.env.NODE_EXTRA_CA_CERTS;
/** Node's exit code for a top-level await that is never settled. */
const UNSETTLED = 13;

const file = resolve(process.argv[2]);
const outfile = resolve('node_modules/.cache/riposte', `${basename(file, '.ts')}-${process.pid}.mjs`);

mkdirSync(resolve('node_modules/.cache/riposte'), { recursive: true });
await build({
  entryPoints: [file],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  packages: 'external',
  loader: { '.sh': 'text', '.txt': 'text' },
  sourcemap: 'inline',
  logLevel: 'error',
});
process.argv.splice(1, 2, file);
process.setSourceMapsEnabled(true);
process.on('exit', () => {
  // Node exits with this code, without a message, when nothing is left to run but the program still awaits a promise.
  if (process.exitCode === UNSETTLED)
    console.error(`${file} ended early: it awaits a promise that nothing settles`);
});
await import(pathToFileURL(outfile).href);
