import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { inputsOf } from './bundle.ts';

/** A test file and its needs, which its imports show. */
export interface TestFile {
  readonly path: string;
  /** Is short, and needs nothing but Node: no program, no Debian package, no root, no network of its own, no dist/. */
  readonly isUnit: boolean;
  /** Starts hosts in network namespaces, and servers, scripts and clients on them. */
  readonly isLab: boolean;
  /** Takes a share of a long series, and leaves the rest of the series to `npm run test:all`. */
  readonly isShared: boolean;
}

/** A test that imports one of these modules, directly or not, starts or looks for programs. It is not a unit test. */
const SETUP = ['execa', 'node:child_process', 'playwright-core', 'test/lab/tools.ts'];

/** A test that names files of the build, or imports a module that reads all these files, is not a unit test either. */
const BUILT = /\bdist\//;
const READS_BUILT = /(^|\/)carried-files\.ts$/;

/**
 * Unit tests that take ten seconds and more each, because they try every format with texts at every place, or compare
 * times. `npm run test:all` runs them, each in a process of its own.
 */
export const LONG = [
  'test/active-response/protocol/properties.test.ts',
  'test/logs/generated-lines.test.ts',
  'test/logs/readers/linear.test.ts',
  'test/logs/readers/template.test.ts',
];

/** This module makes all hosts of the tests. */
const LAB = 'test/lab/namespaces.ts';

/** A file that imports this module takes a share of a long series. */
const SHARED = 'test/runner/share.ts';

/** All test files, sorted by their paths. */
export async function testFiles(): Promise<TestFile[]> {
  const names = (await readdir('test', { recursive: true })).filter((name) => name.endsWith('.test.ts'));
  const paths = names.map((name) => join('test', name)).sort();
  const inputs = await inputsOf(paths);
  return Promise.all(
    paths.map(async (path) => {
      const reached = reachedBy(path, inputs, 'test/');
      const needsSetup =
        SETUP.some((each) => reached.has(each)) ||
        BUILT.test(await readFile(path, 'utf8')) ||
        [...reachedBy(path, inputs, '')].some((each) => READS_BUILT.test(each));
      return {
        path,
        isUnit: !needsSetup && !LONG.includes(path),
        isLab: reached.has(LAB),
        isShared: reached.has(SHARED),
      };
    }),
  );
}

/**
 * Lists the files that a file imports, directly or not.
 *
 * @param within the folder whose imports count: the product's imports do not show which programs a test needs
 */
function reachedBy(
  path: string,
  inputs: Metafile['inputs'],
  within: string,
  reached = new Set<string>(),
): Set<string> {
  for (const each of inputs[path]?.imports ?? []) {
    if (reached.has(each.path)) continue;
    reached.add(each.path);
    if (each.path.startsWith(within)) reachedBy(each.path, inputs, within, reached);
  }
  return reached;
}
