import { join } from 'node:path';
import type { VersionMarks } from '../../../base/download.ts';
import { makeDirectory, readIfThere, replaceFile } from '../../../base/files.ts';
import type { Home } from '../../home.ts';

/** The longest file to read, in bytes: a list of 64 MB with its first line. */
const LONGEST = 65 * 1024 * 1024;

/**
 * A downloaded list that is kept in the home. If the list has not changed at its source, this copy is imported again,
 * so that its blocks are renewed.
 */
export interface KeptDownload extends VersionMarks {
  readonly url: string;
  readonly text: string;
}

/**
 * The kept list of this name, if it was downloaded from this URL.
 *
 * @throws RiposteError (IOERR, NOPERM)
 */
export function keptDownload(home: Home, origin: string, url: string): KeptDownload | undefined {
  const file = readIfThere(fileOf(home, origin), { longest: LONGEST });
  if (file === undefined) return undefined;
  const end = file.indexOf('\n');
  try {
    const { url: from, etag, lastModified } = JSON.parse(file.slice(0, end));
    return from === url ? { url, etag, lastModified, text: file.slice(end + 1) } : undefined;
  } catch {
    return undefined; // damaged: the list is downloaded again
  }
}

/**
 * Keeps a list in a file that only root can read, because the URL of the list may hold a key.
 *
 * @throws RiposteError (IOERR, NOPERM)
 */
export function keepDownload(home: Home, origin: string, { text, ...marks }: KeptDownload): void {
  makeDirectory(join(home.data, 'imports'), 0o700);
  replaceFile(fileOf(home, origin), `${JSON.stringify(marks)}\n${text}`, 0o600);
}

const fileOf = ({ data }: Home, origin: string): string => join(data, 'imports', origin);
