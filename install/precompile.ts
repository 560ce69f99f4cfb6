import { closeSync, fsyncSync, lstatSync, openSync, readSync, renameSync, rmSync } from 'node:fs';
import { execaSync } from 'execa';
import { type Home, scriptOf } from '../active-response/home.ts';
import { bodyId, codeFileOf, HEADER_LENGTH, headerOf, PRECOMPILE } from '../active-response/precompiled.ts';
import { RESPONSES } from '../active-response/response/responses.ts';
import { debug } from '../base/debug.ts';
import { lstatIfThere, readRegular } from '../base/files.ts';
import { freshOf } from './changes.ts';

/** The time limit of Node for one script, in milliseconds. */
const TIME_LIMIT = 20_000;

/**
 * The arguments of a trial run of `add`, in which V8 compiles the functions that `add` calls. The address is from RFC
 * 5737.
 */
const ADD = ['add', '-', '192.0.2.1', '--dry-run'];

/**
 * Makes the running Node, which the scripts name, compile the response scripts of a home in advance, if their compiled
 * code is missing or out of date. The compiled code saves a fifth of the time that the script itself needs for an add.
 * A script without compiled code compiles itself, so a failure is not an error.
 *
 * @returns the names of the responses whose scripts were compiled
 */
export const precompile = (home: Home): string[] =>
  RESPONSES.map(({ name }) => name).filter((name) => {
    const script = scriptOf(home, name);
    const isOutOfDate = lstatIfThere(script)?.isFile() && !isPrecompiled(script, process.version);
    return isOutOfDate && compile(script);
  });

/**
 * True when the compiled code belongs to this script and to this version of Node (`v20.1.0`), so that Node uses it.
 *
 * @throws a system error when the script cannot be read
 */
export function isPrecompiled(script: string, version: string): boolean {
  const code = lstatIfThere(codeFileOf(script));
  const { mtimeMs, uid } = lstatSync(script);
  if (!code?.isFile() || code.uid !== uid || code.mtimeMs < mtimeMs) return false;
  return headOf(codeFileOf(script)) === headerOf(bodyId(readRegular(script).toString('latin1')), version);
}

/** The files of compiled code that may be beside the scripts of a home. */
export const codeFiles = (home: Home): string[] =>
  RESPONSES.map(({ name }) => codeFileOf(scriptOf(home, name)));

function compile(script: string): boolean {
  const file = codeFileOf(script);
  const fresh = freshOf(file);
  try {
    rmSync(fresh, { force: true });
    const { shortMessage } = execaSync(process.execPath, [script, PRECOMPILE, fresh, ...ADD], {
      reject: false,
      stdio: 'ignore',
      timeout: TIME_LIMIT,
      killSignal: 'SIGKILL',
    });
    debug('precompile', () => ({ script, failed: shortMessage }));
    syncFile(fresh);
    renameSync(fresh, file);
    return true;
  } catch (error) {
    debug('precompile', () => ({ script, error }));
    rmSync(fresh, { force: true });
    return false;
  }
}

/** Damaged code would end each run of the script, so the whole code must be on the disk before Node uses it. */
function syncFile(file: string): void {
  const fd = openSync(file, 'r+');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function headOf(file: string): string {
  const head = Buffer.alloc(HEADER_LENGTH);
  const fd = openSync(file, 'r');
  try {
    return head.toString('latin1', 0, readSync(fd, head));
  } finally {
    closeSync(fd);
  }
}
