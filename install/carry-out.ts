import { RiposteError } from '../base/errors.ts';
import { fileError } from '../base/files.ts';
import type { Io } from '../base/io.ts';
import type { Changes } from './changes.ts';
import type { DesiredFile } from './desired-file.ts';
import type { Step } from './file-plan.ts';
import type { InstallTarget } from './install-target.ts';
import { type Manifest, manifestFileOf, manifestText } from './manifest.ts';
import type { Program } from './program.ts';
import { runProgram } from './restart.ts';
import { hasSystemd } from './units/timer.ts';

export function apply(step: Step, changes: Changes): void {
  if (step.does === 'remove') changes.remove(step.path);
  else if (step.does === 'keep') changes.keep(step.path, step.as);
  else if (step.does === 'link') changes.link(step.link);
  else changes.put(step.file);
}

/**
 * Reverts the changes made so far.
 *
 * @param remains describes the state after the revert, for the message @returns the error to throw
 */
export function undone(changes: Changes, error: unknown, remains = 'nothing was changed'): RiposteError {
  const { exitCode, message } = error instanceof RiposteError ? error : fileError('change', 'a file', error);
  const cause = { cause: error };
  try {
    changes.undo();
    return new RiposteError(exitCode, `${message}; ${remains}`, cause);
  } catch (second) {
    const why = second instanceof Error ? second.message : String(second);
    return new RiposteError(
      exitCode,
      `${message}; reverting the changes failed (${why}): run the command again`,
      cause,
    );
  }
}

/** The manifest as a file. */
export const manifestFile = ({ home, gid }: InstallTarget, manifest: Manifest): DesiredFile => ({
  path: manifestFileOf(home),
  bytes: Buffer.from(manifestText(manifest)),
  uid: 0,
  gid,
  mode: 0o640,
});

/** True when systemd runs on the target, which then is this host. */
export const hasLiveSystemd = ({ root }: InstallTarget): boolean => root === '/' && hasSystemd(root);

/** Runs a program that is not essential: a failure is printed, and nothing is reverted. */
export function attempt(program: Program, io: Io): void {
  try {
    runProgram(program);
  } catch (error) {
    if (!(error instanceof RiposteError)) throw error;
    io.err(`riposte: ${error.message}\n`);
  }
}
