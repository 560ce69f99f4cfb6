import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { EX, RiposteError } from './errors.ts';
import { fileError, isMissing } from './files.ts';
import { printable } from './printable.ts';

/** The longest file with secrets, in bytes. */
const LONGEST = 64 * 1024;

/**
 * Reads a file of `KEY=value` lines that only root may read.
 *
 * @returns the values of the keys; undefined when the file is missing
 * @throws RiposteError (CONFIG) when another account can read it or owns it, and for an unknown key; the message never
 * contains a value
 */
export function readPrivateValues(
  file: string,
  keys: readonly string[],
): Readonly<Record<string, string | undefined>> | undefined {
  const text = readPrivate(file);
  if (text === undefined) return undefined;
  const values = parseEnv(text);
  const unknown = Object.keys(values).find((key) => !keys.includes(key));
  if (unknown !== undefined)
    throw refusal(
      file,
      `has an unknown key ${printable(unknown, 40)}; the known keys are ${keys.join(', ')}`,
    );
  return Object.fromEntries(keys.map((key) => [key, values[key]?.trim() || undefined]));
}

/**
 * The text of a file with secrets, or undefined when there is none. Checks the open descriptor, so that the file that was
 * checked is the file that is read.
 *
 * @throws RiposteError (CONFIG) when another account can read it or owns it
 */
export function readPrivate(file: string): string | undefined {
  let fd: number;
  try {
    fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw fileError('read', file, error);
  }
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) throw refusal(file, 'is not a regular file');
    if (stats.uid !== 0 && stats.uid !== process.getuid?.())
      throw refusal(file, `belongs to user ${stats.uid}: run chown root ${file}`);
    if ((stats.mode & 0o077) !== 0)
      throw refusal(
        file,
        `can be read by accounts other than root: run chmod 600 ${file}, and change the secrets in it`,
      );
    if (stats.size > LONGEST) throw refusal(file, `is longer than ${LONGEST} bytes`);
    return readFileSync(fd, 'utf8');
  } finally {
    closeSync(fd);
  }
}

const refusal = (file: string, why: string): RiposteError => new RiposteError(EX.CONFIG, `${file} ${why}`);
