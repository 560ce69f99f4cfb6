import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { EX, RiposteError } from '../base/errors.ts';
import { PACKAGED_NODE } from './package.ts';

/** The paths at which packages or administrators install Node so that updates keep them. */
const STABLE = [PACKAGED_NODE, '/usr/bin/node', '/usr/local/bin/node', '/bin/node'];

/** The longest `#!` line for every Linux kernel: BINPRM_BUF_SIZE was 128 before 5.1, including the final NUL. */
const LONGEST = 127;

/**
 * The absolute path of the running Node for a `#!` line, because a manager's services may have a PATH without Node.
 * Prefers a stable path to the same program: a path with a version in it is gone after the next update.
 *
 * @throws RiposteError (CONFIG) for a path that a `#!` line cannot hold
 */
export function interpreter(running = process.execPath, stable: readonly string[] = STABLE): string {
  const real = realpathSync(running);
  const path = stable.find((candidate) => resolves(candidate) === real) ?? running;
  if (/[^\w./+@:,=-]/.test(path) || `#!${path}`.length > LONGEST)
    throw new RiposteError(
      EX.CONFIG,
      `the first line of a script cannot hold ${path}: white space and special characters are not allowed there, and at most ${LONGEST - 2} characters; make a link /usr/local/bin/node to ${path}`,
    );
  return path;
}

/**
 * Checks that only root can change the program that root will run every few minutes.
 *
 * @throws RiposteError (CONFIG) for a program in a user's own directory, where version managers put it
 */
export function demandRoots(path: string): void {
  const open = [...pathAndParents(realpathSync(path)), ...pathAndParents(path)].find(
    (part) => !isRoots(part),
  );
  if (open !== undefined)
    throw new RiposteError(
      EX.CONFIG,
      `${path} would run as root, but other accounts may change ${open}; run cp ${path} /usr/local/bin/node, and then /usr/local/bin/node riposte.js install`,
    );
}

/** A path and its parent directories. */
function pathAndParents(path: string): string[] {
  const above = dirname(path);
  return above === path ? [path] : [path, ...pathAndParents(above)];
}

/**
 * True for a path with the owner of `/` to which no other account can write; in a sticky directory like /tmp, root's
 * files are safe.
 */
function isRoots(path: string): boolean {
  const { uid, gid, mode } = statSync(path);
  const isSticky = (mode & 0o1000) !== 0;
  const isShared = (mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && gid !== statSync('/').gid);
  return uid === statSync('/').uid && (isSticky || !isShared);
}

/**
 * A script with the absolute path of this Node: in its `#!` line, or in the line from which the shell part of a
 * response (active-response/client.sh) reads the path.
 */
export const withInterpreter = (script: string, path: string): string =>
  NODE_OF_SHELL.test(script)
    ? script.replace(NODE_OF_SHELL, (_, before) => `${before}${path}\n`)
    : script.replace(/^#!.*/, `#!${path}`);

/** The path of Node in one of Riposte's scripts; undefined when the script has none. */
export function interpreterIn(script: string): string | undefined {
  const [line = ''] = script.split('\n', 1);
  if (line === '#!/bin/sh') return NODE_OF_SHELL.exec(script)?.[2];
  return /^#![ \t]*(.*?)[ \t]*$/.exec(line)?.[1];
}

/**
 * Matches the Node line near the start of a shell script. Anchored at the start, because a search from each line takes
 * seconds.
 */
const NODE_OF_SHELL = /^(#!\/bin\/sh\n(?:.*\n){0,60}?node=)(\S*)\n/;

/** The text of the running program, for `<home>/bin/riposte`. @throws RiposteError (SOFTWARE) */
export function runningProgram(program: string): string {
  const started = resolves(program);
  const text = started === undefined ? '' : readFileSync(started, 'utf8');
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
