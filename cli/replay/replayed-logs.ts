import type { Io } from '../../base/io.ts';
import { type EvaluatedLog, isErrorLog } from '../../evaluate/evaluated-log.ts';
import { evaluatedLog, type FormatRules } from '../../evaluate/read-logs.ts';
import { firstLinesOf, type OpenLog, openJournal, openLog } from '../../logs/files/open-log.ts';
import type { SourceLog } from '../../logs/sources/find-logs.ts';

/** A log that is read from its first line to its last. */
export interface ReplayedLog {
  readonly evaluated: EvaluatedLog;
  open(): OpenLog;
}

/** A log before its format is known. */
export interface Operand {
  readonly name: string;
  readonly format?: string | undefined;
  open(): OpenLog;
}

export const operandOf = (log: SourceLog, io: Io): Operand => ({
  name: log.name,
  format: log.format,
  open: () => (log.kind === 'journal' ? openJournal(log.unit) : openLog(log.path, io.stdin)),
});

/**
 * The logs in reading order: error logs last, because requests confirm their addresses.
 *
 * @throws RiposteError (CONFIG) for a format that cannot be used, (IOERR, NOPERM) for a log that cannot be read
 */
export async function replayedLogs(operands: readonly Operand[], rules: FormatRules): Promise<ReplayedLog[]> {
  const logs: ReplayedLog[] = [];
  for (const { name, format, open } of operands) {
    const evaluated = evaluatedLog(name, format, rules);
    if (evaluated.reader && name.startsWith('/'))
      evaluated.reader.begin({ head: await firstLinesOf(open()), last: [] });
    logs.push({ evaluated, open });
  }
  const last = (log: ReplayedLog) => Number(isErrorLog(log.evaluated));
  return logs.sort((a, b) => last(a) - last(b));
}
