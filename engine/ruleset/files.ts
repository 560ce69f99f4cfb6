import { existsSync, readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { EX, RiposteError } from '../../base/errors.ts';
import { readRegular } from '../../base/files.ts';
import type { List } from '../list/lookup.ts';
import { readCdb, readList } from '../list/read-list.ts';
import { compilePattern } from '../pattern/pattern.ts';
import type { PathEntry } from './ossec-conf.ts';
import type { Source } from './ruleset.ts';

/** Reads a file as bytes (latin1). @throws RiposteError (IOERR) naming the file */
export function readSource(file: string): Source {
  try {
    return { file, text: readRegular(file, { followsLinks: true }).toString('latin1') };
  } catch (cause) {
    throw new RiposteError(EX.IOERR, `${file}: ${reason(cause)}`);
  }
}

/** The .xml files of a directory, sorted by name; none when it is missing. */
export function readDirectory(directory: string, pattern = '.xml$'): Source[] {
  if (!existsSync(directory)) return [];
  const wanted = compilePattern('osregex', pattern);
  const names = readdirSync(directory).filter((name) => wanted.end(`${directory}/${name}`) >= 0);
  return names.sort().map((name) => readSource(join(directory, name)));
}

/** The order in which Wazuh reads all its decoders, and all its rules: `cmpr` of its rules-config.c. */
export function byName(file: string, other: string): number {
  const [name, otherName] = [basename(file), basename(other)];
  return name < otherName ? -1 : name > otherName ? 1 : 0;
}

/**
 * Reads files and directories in order; skips a file of a directory when a file of that name was read already.
 *
 * @param root the base of relative directories
 * @param fileOf resolves a file's path; a bare name may refer to another directory
 */
export function readEntries(
  entries: PathEntry[],
  excluded: string[],
  root: string,
  fileOf: (path: string) => string,
): Source[] {
  const sources: Source[] = [];
  for (const { path, isDirectory, pattern } of entries) {
    if (!isDirectory) {
      sources.push(readSource(fileOf(path)));
    } else {
      const known = new Set([
        ...sources.map(({ file }) => basename(file)),
        ...excluded.map((file) => basename(file)),
      ]);
      const found = readDirectory(resolve(root, path), pattern);
      sources.push(...found.filter(({ file }) => !known.has(basename(file))));
    }
  }
  return sources;
}

/** Reads a list: the compiled file if it exists, because the manager reads the compiled file. */
export function readListFile(path: string): List {
  const plain = path.replace(/\.cdb$/, '');
  const compiled = `${plain}.cdb`;
  try {
    const read = (file: string) => readRegular(file, { followsLinks: true });
    return existsSync(compiled) ? readCdb(read(compiled)) : readList(read(plain).toString('latin1'));
  } catch (cause) {
    throw new RiposteError(EX.IOERR, `list ${plain}: ${reason(cause)}`);
  }
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
