/** Shared by the unit tests: errors as values, temporary directories, shell scripts, and typical requests. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { Request } from '../../active-response/protocol/request.ts';
import { loadSettings } from '../../active-response/settings/load.ts';
import type { Settings } from '../../active-response/settings/settings.ts';
import { type ExitCode, RiposteError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';

/** Returns the RiposteError that the work throws. Fails the test if the work throws another error, or no error. */
export function errorOf(work: () => unknown): RiposteError {
  try {
    work();
  } catch (error) {
    assert.instance(error, RiposteError, `not a RiposteError: ${error}`);
    return error as RiposteError;
  }
  assert.unreachable('the work threw no error');
  throw new Error('unreachable');
}

/** Returns the RiposteError that rejects the promise. Fails the test in the same cases as `errorOf`. */
export async function failureOf(promise: Promise<unknown>): Promise<RiposteError> {
  const error = await promise.then(
    () => undefined,
    (reason) => reason,
  );
  return errorOf(() => {
    if (error !== undefined) throw error;
  });
}

/** Checks that the work throws a RiposteError of this exit code, and that its message matches and is printable. */
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

/** The default settings with these changes, which may include settings of a single response. */
export const settingsWith = (some: Partial<Settings> & Readonly<Record<string, unknown>> = {}): Settings => ({
  ...loadSettings([], new Map()),
  ...some,
});

/** A typical request of OSSEC. */
export const requestWith = (some: Partial<Request> = {}): Request => ({
  source: 'ossec',
  command: 'add',
  address: '203.0.113.9',
  alertId: '1795166136.16',
  ruleId: '31151',
  location: '/var/log/apache2/access.log -',
  extraArguments: [],
  ...some,
});

/** True when a text can be put on a log line unchanged. */
export const isPrintable = (text: string): boolean => text === printable(text, Number.POSITIVE_INFINITY);
