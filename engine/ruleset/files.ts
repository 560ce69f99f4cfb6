import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { EX, RiposteError } from '../../active-response/errors.ts';
import type { List } from '../list/lookup.ts';
import { readCdb, readList } from '../list/read-list.ts';
import { compilePattern } from '../pattern/pattern.ts';
import type { PathEntry } from './ossec-conf.ts';
import type { Source } from './ruleset.ts';

/** Reads a file as bytes (latin1). @throws RiposteError (IOERR) naming the file */
export function readSource(file: string): Source {
  try {
    return { file, text: readFileSync(file, 'latin1') };
  } catch (cause) {
    throw new RiposteError(EX.IOERR, `${file}: ${reason(cause)}`);
  }
}

/** The .xml files of a directory, in the order of their names; none when there is no such directory. */
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
 * Reads files and directories in their order; a file that a directory would bring again is left out.
 *
 * @param root what directories are relative to
 * @param fileOf where a file is; a bare name may be in a directory of its own
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

/** Reads a list: the compiled file when there is one, for that is what the manager looks at. */
export function readListFile(path: string): List {
  const plain = path.replace(/\.cdb$/, '');
  const compiled = `${plain}.cdb`;
  try {
    return existsSync(compiled) ? readCdb(readFileSync(compiled)) : readList(readFileSync(plain, 'latin1'));
  } catch (cause) {
    throw new RiposteError(EX.IOERR, `list ${plain}: ${reason(cause)}`);
  }
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
