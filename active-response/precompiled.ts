/*
 * A response script holds its program, the body, in a comment in a function at its end. The loader at the start of the
 * script compiles the body, or takes the code that `riposte install` has compiled: V8's code of the functions that an
 * add calls. That saves a fifth of the script's own time. V8 does not check such code: damaged code ends the process.
 * So only `install` writes the code, synced and by rename, beside the script and with the script's owner: the code is
 * as safe as the script.
 */

/**
 * The argument that makes a script write its compiled code. The next arguments are the file, and the path that the
 * script takes for its own: that path determines its home.
 */
export const PRECOMPILE = '--precompile';

/**
 * The text before the body's id. The id, a space, the number of lines before the body and a line end follow it. The
 * last occurrence in a script counts.
 */
export const BODY_START = '\n/* body ';

/** The length of a body's id, in characters. */
export const ID_LENGTH = 16;

/** Replaces the end of a comment within the body of a script, and within a part of the command. */
export const COMMENT_END = '*~/';

/** The length of the code file's header, in bytes: V8 requires aligned code. */
export const HEADER_LENGTH = 64;

/** The file of a script's compiled code. */
export const codeFileOf = (script: string): string => `${script}c`;

/**
 * The id of a script's body, which changes with each build that changes the body. Empty when the text is not a script.
 */
export function bodyId(text: string): string {
  const at = text.lastIndexOf(BODY_START);
  return at < 0 ? '' : text.slice(at + BODY_START.length, at + BODY_START.length + ID_LENGTH);
}

/** The header of code that the Node of this version (`v20.1.0`) has compiled from the body with this id. */
export const headerOf = (id: string, version: string): string =>
  `${id} ${version}`.padEnd(HEADER_LENGTH - 1).concat('\n');
