import { rm } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';

/**
 * Each test file becomes a module. Code that several test files import becomes a shared module, so that it is compiled
 * once.
 */
const OPTIONS = {
  outbase: '.',
  outExtension: { '.js': '.mjs' },
  splitting: true,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  packages: 'external',
  loader: { '.sh': 'text' },
  logLevel: 'error',
} as const satisfies BuildOptions;

/** Replaces fast-check in the tests, and gives it the seed of this run. */
const SEEDED = `
import fc from 'fast-check';
import { seedOf } from './test/runner/seed.ts';
import { SHARE } from './test/runner/share.ts';
const seed = seedOf(process.env.RIPOSTE_TEST_SEED, SHARE);
if (seed !== undefined) fc.configureGlobal({ seed });
export * from 'fast-check';
export { default } from 'fast-check';
`;

/** Replaces uvu in the tests, so that the errors of hooks are printed: see shownHooks(). */
const WITH_HOOKS = `
import { suite as plainSuite, test as plainTest } from 'uvu';
import { shownHooks } from './test/runner/shown-hooks.ts';
export const suite = (name, state) => shownHooks(plainSuite(name, state), name);
export const test = shownHooks(plainTest);
`;

/** Replaces a package in the tests by a module with this text. The module can import the package itself. */
const standIn = (name: string, contents: string): Plugin => ({
  name: `stand-in for ${name}`,
  setup({ onResolve, onLoad }) {
    const namespace = `stand-in-${name}`;
    onResolve({ filter: new RegExp(`^${name}$`) }, (from) =>
      from.namespace === namespace ? { path: name, external: true } : { path: name, namespace },
    );
    onLoad({ filter: /.*/, namespace }, () => ({ contents, resolveDir: resolve('.') }));
  },
});

/** Lists the files that the entry points import, directly or not. */
export async function inputsOf(entryPoints: string[]): Promise<Metafile['inputs']> {
  const options = { ...OPTIONS, outdir: 'unused', write: false, metafile: true } as const;
  return (await build({ ...options, entryPoints })).metafile.inputs;
}

/** Test files as modules, in a directory of this process. */
export class Bundle {
  readonly #directory = resolve('node_modules/.cache/riposte', `tests-${process.pid}`);

  /** Compiles the files. `remove` deletes the modules again. */
  static async of(paths: string[]): Promise<Bundle> {
    const bundle = new Bundle();
    await build({
      ...OPTIONS,
      entryPoints: paths,
      outdir: bundle.#directory,
      sourcemap: 'inline',
      plugins: [standIn('fast-check', SEEDED), standIn('uvu', WITH_HOOKS)],
    });
    return bundle;
  }

  /** The module of a test file. */
  moduleOf(path: string): string {
    return join(this.#directory, relative('.', path).replace(/\.ts$/, '.mjs'));
  }

  async remove(): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
  }
}
