/** What the unit tests share: errors as values, directories that vanish, small programs, and usual requests. */
import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import * as assert from 'uvu/assert';
import { type ExitCode, RiposteError } from '../../active-response/errors.ts';
import { printable } from '../../active-response/printable.ts';
import type { Request } from '../../active-response/protocol/request.ts';
import { loadSettings } from '../../active-response/settings/load.ts';
import type { Settings } from '../../active-response/settings/settings.ts';

/** The RiposteError that the work throws; any other error, and none, fails the test. */
export function errorOf(work: () => unknown): RiposteError {
  try {
    work();
  } catch (error) {
    assert.instance(error, RiposteError, `not a RiposteError: ${error}`);
    return error as RiposteError;
  }
  assert.unreachable('it threw nothing');
  throw new Error('unreachable');
}

/** Checks that the work throws a RiposteError of this exit code, whose message is one line and matches. */
export function refuses(work: () => unknown, exitCode: ExitCode, message: RegExp, about?: string): void {
  const error = errorOf(work);
  assert.is(error.exitCode, exitCode, `${about ?? ''} exit code of: ${error.message}`);
  assert.match(error.message, message);
  assert.ok(isPrintable(error.message), `not printable: ${JSON.stringify(error.message)}`);
}

const directories: string[] = [];
process.on('exit', () => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

/** A directory of this test's own, removed when its process ends. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'riposte-test-'));
  directories.push(directory);
  return directory;
}

/** A directory with shell scripts of these names, for a PATH. */
export function directoryOfPrograms(scripts: Record<string, string>): string {
  const directory = temporaryDirectory();
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(directory, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(directory, name), 0o755);
  }
  return directory;
}

/** Bundles a program of the tests, so that many children start fast. Returns its file. */
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

/** What a child said and how it ended. */
export interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. */
export function runChild(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [file, ...args], { env, timeout: 60_000 }, (error, stdout, stderr) => {
      const status = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ status, stdout, stderr });
    });
  });
}

/** The settings where nothing is set but these. */
export const settingsWith = (some: Partial<Settings> = {}): Settings => ({
  ...loadSettings([], new Map()),
  ...some,
});

/** A usual request of OSSEC's. */
export const requestWith = (some: Partial<Request> = {}): Request => ({
  protocol: 'ossec',
  command: 'add',
  address: '203.0.113.9',
  alertId: '1795166136.16',
  ruleId: '31151',
  location: '/var/log/apache2/access.log -',
  extraArguments: [],
  ...some,
});

/** True when a text can be put on a line of a log as it is. */
export const isPrintable = (text: string): boolean => text === printable(text, Number.POSITIVE_INFINITY);
