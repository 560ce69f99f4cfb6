import { existsSync } from 'node:fs';
import type { Io } from '../../base/io.ts';
import type { EvaluatedLog } from '../../evaluate/evaluated-log.ts';
import { evaluatedLog, type FormatRules } from '../../evaluate/read-logs.ts';
import { collect } from '../../logs/sources/find-logs.ts';
import type { LogSource } from '../../logs/sources/log-source.ts';
import { type Operand, operandOf } from '../replay/replayed-logs.ts';

/** The existing logs of these sources. Prints the names of missing logs. */
export function logsThatExist(sources: readonly LogSource[], io: Io): Operand[] {
  const { logs, unmatched, problems } = collect(sources);
  const isThere = (log: (typeof logs)[number]) => log.kind === 'journal' || existsSync(log.path);
  const missing = logs.filter((log) => !isThere(log)).map(({ name }) => `there is no ${name}`);
  for (const each of [...problems, ...unmatched.map((pattern) => `no file matches ${pattern}`), ...missing])
    io.err(`riposte: ${each}\n`);
  return logs.filter(isThere).map((log) => operandOf(log, io));
}

/** A log that holds only this line. If no option names its format, the line decides it. */
export function logOfLine(line: string, rules: FormatRules): EvaluatedLog {
  const log = evaluatedLog('line', undefined, rules);
  log.reader?.begin({ head: [line], last: [] });
  return log;
}
