import { RiposteError } from '../../active-response/errors.ts';
import { fileError } from '../../active-response/files.ts';
import type { Io } from '../verb.ts';
import type { WantedFile } from './belongings.ts';
import type { Changes } from './changes.ts';
import { type Manifest, manifestFileOf, manifestText } from './manifest.ts';
import type { Step } from './plan.ts';
import { type Program, runProgram } from './restart.ts';
import type { Site } from './site.ts';
import { hasSystemd } from './timer.ts';

export function apply(step: Step, changes: Changes): void {
  if (step.does === 'remove') changes.remove(step.path);
  else if (step.does === 'link') changes.link(step.link);
  else changes.put(step.file);
}

/** Takes back what was changed so far. @returns the error to throw */
export function undone(changes: Changes, error: unknown): RiposteError {
  const { exitCode, message } = error instanceof RiposteError ? error : fileError('change', 'a file', error);
  try {
    changes.undo();
    return new RiposteError(exitCode, `${message}; nothing was changed`);
  } catch (second) {
    const why = second instanceof Error ? second.message : String(second);
    return new RiposteError(
      exitCode,
      `${message}; taking back what was changed failed (${why}): run it again`,
    );
  }
}

/** The manifest as a file. */
export const manifestFile = ({ home, gid }: Site, manifest: Manifest): WantedFile => ({
  path: manifestFileOf(home),
  bytes: Buffer.from(manifestText(manifest)),
  uid: 0,
  gid,
  mode: 0o640,
});

/** True where there is a systemd to talk to: the site is this host. */
export const hasLiveSystemd = ({ root }: Site): boolean => root === '/' && hasSystemd(root);

/** Runs what only helps: that it failed is said, and nothing is taken back for it. */
export function attempt(program: Program, io: Io): void {
  try {
    runProgram(program);
  } catch (error) {
    if (!(error instanceof RiposteError)) throw error;
    io.err(`riposte: ${error.message}\n`);
  }
}
