import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { EX, RiposteError } from '../../active-response/errors.ts';

/** Where a package or an administrator puts Node so that it stays there over updates. */
const STABLE = ['/usr/bin/node', '/usr/local/bin/node', '/bin/node'];

/** The longest `#!` line that every Linux kernel takes: BINPRM_BUF_SIZE was 128 before 5.1, with its end. */
const LONGEST = 127;

/**
 * The Node that runs this program, by an absolute path for a `#!` line: a manager's services may have a PATH
 * without it. The plain path where that is the same program: one with a version in it goes with the next update.
 *
 * @throws RiposteError (CONFIG) for a path that cannot stand in a `#!` line
 */
export function interpreter(running = process.execPath, stable: readonly string[] = STABLE): string {
  const real = realpathSync(running);
  const path = stable.find((candidate) => resolves(candidate) === real) ?? running;
  if (/[^\w./+@:,=-]/.test(path) || `#!${path}`.length > LONGEST)
    throw new RiposteError(
      EX.CONFIG,
      `${path} cannot stand in a script's first lines: no white space or other odd characters, ${LONGEST - 2} characters at the most; make a link /usr/local/bin/node to it`,
    );
  return path;
}

/**
 * Checks that nobody but root can change the program that root will run every few minutes.
 *
 * @throws RiposteError (CONFIG) for one in somebody's own directory, as version managers put it there
 */
export function demandRoots(path: string): void {
  const open = [...placesOf(realpathSync(path)), ...placesOf(path)].find((place) => !isRoots(place));
  if (open !== undefined)
    throw new RiposteError(
      EX.CONFIG,
      `${path} would run as root, and others than root may change ${open}; cp ${path} /usr/local/bin/node, and run /usr/local/bin/node riposte.js install`,
    );
}

/** A path and all directories above it. */
function placesOf(path: string): string[] {
  const above = dirname(path);
  return above === path ? [path] : [path, ...placesOf(above)];
}

/** Owned as `/` is, and written to by nobody else; in a directory like /tmp nobody takes away what is root's. */
function isRoots(path: string): boolean {
  const { uid, gid, mode } = statSync(path);
  const isSticky = (mode & 0o1000) !== 0;
  const isShared = (mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && gid !== statSync('/').gid);
  return uid === statSync('/').uid && (isSticky || !isShared);
}

/**
 * A script with this Node, by an absolute path: in its `#!` line, or in the line behind which the shell part of a
 * response (active-response/client.sh) finds it.
 */
export const withInterpreter = (script: string, path: string): string =>
  NODE_OF_SHELL.test(script)
    ? script.replace(NODE_OF_SHELL, (_, before) => `${before}${path}\n`)
    : script.replace(/^#!.*/, `#!${path}`);

/** The Node that a script runs with, as it stands there; undefined for what is no script of ours. */
export function interpreterIn(script: string): string | undefined {
  const [line = ''] = script.split('\n', 1);
  if (line === '#!/bin/sh') return NODE_OF_SHELL.exec(script)?.[2];
  return /^#![ \t]*(.*?)[ \t]*$/.exec(line)?.[1];
}

/** In the first lines of what begins as a shell script. From its beginning on: a look back from each line takes seconds. */
const NODE_OF_SHELL = /^(#!\/bin\/sh\n(?:.*\n){0,60}?node=)(\S*)\n/;

/** The program that runs, which is copied to `<home>/bin/riposte`. @throws RiposteError (SOFTWARE) */
export function runningProgram(program: string): string {
  const file = resolves(program);
  const text = file === undefined ? '' : readFileSync(file, 'utf8');
  if (/^#!.*\n\/\/ Riposte: /.test(text)) return text;
  throw new RiposteError(
    EX.SOFTWARE,
    `${program} is not the built program: run dist/riposte.js (npm run build)`,
  );
}

function resolves(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
