/*
 * A response script holds its program, the body, in a comment at its end. The loader before it compiles the body, or takes
 * what `riposte install` has had compiled: V8's code of the functions that an add calls. That saves a fifth of the script's
 * own time. V8 does not check such code: damaged code ends the process. So only `install` writes it, synced and by rename,
 * beside the script and with the script's owner: it is as safe, and as sound, as the script.
 */

/** The first argument of a script that is to write its compiled code to the file that the second one names. */
export const PRECOMPILE = '--precompile';

/** The text before the body's id; its last occurrence in a script counts. A line end follows the id. */
export const BODY_START = '\n/* body ';

/** The length of a body's id, in characters. */
export const ID_LENGTH = 16;

/** Replaces the end of a comment within the body. */
export const COMMENT_END = '*~/';

/** The length of the code file's header, in bytes: V8 wants its code aligned. */
export const HEADER_LENGTH = 64;

/** The file of a script's compiled code. */
export const codeFileOf = (script: string): string => `${script}c`;

/** The id of a script's body, which changes with each build that changes the body. Empty when the text is no script. */
export function bodyId(text: string): string {
  const at = text.lastIndexOf(BODY_START);
  return at < 0 ? '' : text.slice(at + BODY_START.length, at + BODY_START.length + ID_LENGTH);
}

/** The header of code that the Node of this version (`v20.1.0`) has compiled from the body with this id. */
export const headerOf = (id: string, version: string): string =>
  `${id} ${version}`.padEnd(HEADER_LENGTH - 1).concat('\n');
