/** Test programs that run in separate processes. */
import { execFile } from 'node:child_process';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { temporaryDirectory } from './support.ts';

/** Bundles a test program, so that many children start fast. Returns its file. */
export async function childProgram(source: string): Promise<string> {
  const outfile = join(temporaryDirectory(), `${basename(source, '.ts')}.mjs`);
  await build({
    entryPoints: [join('test/active-response', source)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  });
  return outfile;
}

/** The output of a child process, and its exit status or signal. */
export interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program until it ends. */
export function runChild(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [file, ...args], { env, timeout: 600_000 }, (error, stdout, stderr) => {
      const status = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ status, stdout, stderr });
    });
  });
}
