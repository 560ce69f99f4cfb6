import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('run-ts');

/** Runs a program of one line. @returns its exit code, and its error output */
async function run(line: string): Promise<{ exitCode: number | undefined; stderr: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'riposte-run-ts-'));
  const file = join(directory, 'program.ts');
  await writeFile(file, `${line}\nexport {};\n`);
  const { exitCode, stderr } = await execa(process.execPath, ['build/run-ts.mjs', file], { reject: false });
  await rm(directory, { recursive: true });
  return { exitCode, stderr };
}

test('reports a program that ends while it awaits a promise', async () => {
  const { exitCode, stderr } = await run('await new Promise(() => {});');
  assert.is(exitCode, 13);
  assert.match(stderr, /program\.ts ended early: it awaits a promise that nothing settles/);
});

test('reports nothing about a program that ends by itself', async () => {
  assert.equal(await run('await Promise.resolve();'), { exitCode: 0, stderr: '' });
  assert.equal(await run('process.exit(3);'), { exitCode: 3, stderr: '' });
});

test.run();
