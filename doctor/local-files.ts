import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { sections, textOf } from './conf.ts';
import { type Examination, fileAt } from './examination.ts';

/** A file that logcollector reads on this host. */
export interface LocalFile {
  /** An absolute path, which may hold `*`, and `%` for a date. */
  readonly path: string;
  readonly format: string;
}

/** The files that ossec.conf and the manager's agent.conf tell logcollector to read. */
export function localFiles(examined: Examination): LocalFile[] {
  const all = [examined.conf, examined.agentConf].flatMap((conf) => sections(conf, 'localfile'));
  return all.flatMap((element) => {
    const location = textOf(element, 'location');
    const format = textOf(element, 'log_format') ?? '';
    // Neither a command's output nor the journal is a file.
    const isFile = location !== undefined && !/^(?:full_)?command$|^journald$/.test(format);
    return isFile ? { path: fileAt(examined, location), format } : [];
  });
}

/** True if one of the entries covers this file. */
export const reads = (files: readonly LocalFile[], file: string): boolean =>
  files.some(({ path }) => patternOf(real(path)).test(real(file)));

/** Resolves links among the path's directories: /var/ossec may be a link. */
function real(path: string): string {
  const directory = dirname(path);
  return existsSync(directory) ? join(realpathSync(directory), basename(path)) : path;
}

/** `*` and `?` match as in a shell; a date matches any text. */
function patternOf(path: string): RegExp {
  const escaped = path.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(
    `^${escaped
      .replace(/%[A-Za-z]/g, '[^/]+')
      .replaceAll('*', '[^/]*')
      .replaceAll('?', '[^/]')}$`,
  );
}
