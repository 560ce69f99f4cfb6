import { statSync } from 'node:fs';
import { EX, RiposteError } from '../base/errors.ts';
import { type LogSource, parseLogSource } from '../logs/sources/log-source.ts';

/**
 * The sources that the command line names, else the sources in LOGS.
 *
 * @param operands of the command line; a path may be relative
 * @param settings the items of LOGS
 * @throws RiposteError (USAGE) if there are none, (CONFIG) for an item that names no log, and for a directory in LOGS
 */
export function sourcesToRead(operands: readonly string[], settings: readonly string[]): LogSource[] {
  if (operands.length > 0) return operands.map((text) => parseLogSource(text, process.cwd()));
  if (settings.length > 0) return settings.map(sourceOfSetting);
  throw new RiposteError(EX.USAGE, 'no log to read: name one, or set LOGS in riposte.conf');
}

function sourceOfSetting(text: string): LogSource {
  const source = parseLogSource(text);
  if (source.kind === 'file' && statSync(source.path, { throwIfNoEntry: false })?.isDirectory())
    throw new RiposteError(
      EX.CONFIG,
      `LOGS: ${source.path} is a directory; name the logs in it (${source.path}/*.log)`,
    );
  return source;
}
