import { join, relative } from 'node:path';
import { RiposteError } from '../base/errors.ts';
import { isLogAt } from '../logs/configuration/configured-format.ts';
import type { ConfiguredLog } from '../logs/configuration/configured-log.ts';
import { collect, type SourceLog } from '../logs/sources/find-logs.ts';
import { type LogSource, parseLogSource } from '../logs/sources/log-source.ts';
import { type Examination, fileAt } from './examination.ts';
import { localFiles, reads } from './local-files.ts';

/** The logs that LOGS names, as they exist on this host now. */
export interface ReadLogs {
  readonly logs: readonly SourceLog[];
  /** Patterns that match no file. */
  readonly unmatched: readonly string[];
  /** Messages about logs with two formats, unreadable directories, and items that name no log. */
  readonly problems: readonly string[];
}

export function readLogs(examined: Examination): ReadLogs {
  const wrong: string[] = [];
  const sources = examined.settings.logs.flatMap((item) => {
    try {
      return [below(parseLogSource(item), examined)];
    } catch (error) {
      if (!(error instanceof RiposteError)) throw error;
      wrong.push(error.message);
      return [];
    }
  });
  const { logs, unmatched, problems, conflicts } = collect(sources);
  return { logs, unmatched, problems: [...wrong, ...problems, ...conflicts] };
}

/** The path in the form that LOGS and formats.json use. */
export const nameInside = ({ root }: Pick<Examination, 'root'>, path: string): string =>
  root === '/' || !path.startsWith('/') ? path : join('/', relative(root, path));

/** Tells which of the web servers' logs Riposte or the manager reads. */
export interface Coverage {
  /** True if Riposte or the manager reads it. */
  isRead(log: ConfiguredLog): boolean;
  /** True if LOGS names it. */
  isInLogs(log: ConfiguredLog): boolean;
}

export function coverageOf(examined: Examination): Coverage {
  const { manager, configurationHost: host } = examined;
  const names = readLogs(examined).logs.map(({ name }) => host.realPath(nameInside(examined, name)));
  const files = manager === undefined ? [] : localFiles(examined);
  const isInLogs = (log: ConfiguredLog): boolean => names.some((name) => isLogAt(log, name));
  return {
    isInLogs,
    isRead: (log) => isInLogs(log) || (log.path !== undefined && reads(files, fileAt(examined, log.path))),
  };
}

/** Makes the source's path absolute. If the home is below another root, the path is below that root, too. */
function below(source: LogSource, examined: Examination): LogSource {
  if (source.kind === 'file') return { ...source, path: fileAt(examined, source.path) };
  if (source.kind === 'pattern') return { ...source, pattern: fileAt(examined, source.pattern) };
  return source;
}
