/**
 * npm run test:unit: runs the test files that need no set-up, all in this process, and ends with one line of counts.
 * Arguments are parts of file names: `npm run test:unit -- logs/readers`.
 */
import { pathToFileURL } from 'node:url';
import { Bundle } from './runner/bundle.ts';
import { addTo, type Counts, closing, countsIn, lineOf } from './runner/counts.ts';
import { runsIn } from './runner/jobs.ts';
import { SHARE } from './runner/share.ts';
import { testFiles } from './runner/test-files.ts';

/** uvu's own state: the suites that have been registered and not run yet, grouped by file. */
declare global {
  var UVU_DEFER: number;
  var UVU_QUEUE: unknown[][];
}

const wanted = process.argv.slice(2);
const units = (await testFiles())
  .filter((file) => file.isUnit && runsIn(SHARE, file))
  .map(({ path }) => path)
  .filter((path) => wanted.length === 0 || wanted.some((part) => path.includes(part)));
process.on('exit', () => {
  process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
});

const total: Counts = { passed: 0, failed: 0, skipped: 0 };
const failures: string[] = [];
const bundle = await Bundle.of(units);
// With this setting of uvu, a file only registers its suites and does not run them.
globalThis.UVU_DEFER = 1;
const { exec } = (await import('uvu')) as unknown as { exec(): Promise<void> };
for (const unit of units) await run(unit);
await bundle.remove();
console.log(closing(failures, total));
// End a timer or a thread that a test may have left running.
process.exit();

async function run(unit: string): Promise<void> {
  const start = performance.now();
  globalThis.UVU_QUEUE.splice(0, Infinity, [null]);
  const { output, error } = await captured(async () => {
    await import(pathToFileURL(bundle.moduleOf(unit)).href);
    await exec();
  });
  const counts = countsIn(output);
  if (error !== undefined) counts.failed++;
  addTo(total, counts);
  const text = error === undefined ? output : `${output}\n${error instanceof Error ? error.stack : error}`;
  const told = lineOf(unit, counts, (performance.now() - start) / 1000, text);
  console.log(told);
  if (counts.failed > 0) failures.push(told);
}

/** Captures the output of a file, because it is printed only if a test failed. */
async function captured(work: () => Promise<void>): Promise<{ output: string; error?: unknown }> {
  const { write } = process.stdout;
  let output = '';
  process.stdout.write = (text: string | Uint8Array) => {
    output += typeof text === 'string' ? text : Buffer.from(text).toString();
    return true;
  };
  try {
    await work();
    return { output };
  } catch (error) {
    return { output, error };
  } finally {
    process.stdout.write = write;
  }
}
