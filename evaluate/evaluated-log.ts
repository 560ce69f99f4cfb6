import { MAX_LINE, MAX_READER_LINE } from '../logs/files/lines.ts';
import type { ChosenFormat } from '../logs/formats/formats-of-logs.ts';
import type { LogReader } from '../logs/readers/log-format.ts';

/** A log whose lines the evaluator judges. */
export interface EvaluatedLog {
  /** Its path, `journal:UNIT`, or `stdin`. */
  readonly location: string;
  /** The systemd unit, if the log is a unit's journal. */
  readonly unit?: string | undefined;
  /** Parses its lines; undefined when the ruleset's decoders parse them (`raw`). */
  readonly reader: LogReader | undefined;
  /** Its format, if a setting, formats.json or the web server's configuration names one. */
  readonly chosen?: ChosenFormat | undefined;
}

/** True for an error log. */
export const isErrorLog = ({ reader }: EvaluatedLog): boolean => reader?.format?.holds === 'error';

/**
 * The longest line that is kept whole, in bytes. The limit is higher for a log with a reader, because a reader refuses
 * a cut line.
 */
export const longestLine = ({ reader }: EvaluatedLog): number => (reader ? MAX_READER_LINE : MAX_LINE);
