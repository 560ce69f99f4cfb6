import type { Detection } from '../evaluate/detection.ts';
import type { EvaluatedLog } from '../evaluate/evaluated-log.ts';
import type { OwnTime } from '../evaluate/timing.ts';
import type { NewLines } from '../logs/files/new-lines.ts';
import type { LineEvaluator } from './line-evaluator.ts';

/** Counters of a log's new lines. */
export interface NewLineCounts {
  readonly lines: number;
  readonly alerts: number;
  /** Lines that are not in the log's format. */
  readonly unreadable: number;
  /** Requests without a trustworthy client address. */
  readonly withoutClient: number;
}

/** The receiver of a catch-up's detections. */
export interface CatchUpHandler {
  onDetection(detection: Detection): void;
  /** True to stop before the next lines. */
  isStopped?(): boolean;
}

/**
 * Evaluates the new lines of a log by their own times. The context lines before the new lines only add to the rules'
 * counters, so that the rules find an attack that begins in the context. Detections in context lines are dropped,
 * because they were handled when the lines were new.
 *
 * @throws RiposteError when the log cannot be read
 */
export async function catchUp(
  news: NewLines,
  log: EvaluatedLog,
  evaluator: LineEvaluator,
  timing: OwnTime,
  { onDetection, isStopped = () => false }: CatchUpHandler,
): Promise<NewLineCounts> {
  let count = 0;
  let before = countsOf(evaluator, log);
  for await (const { lines, isContext } of news.read()) {
    if (isStopped()) break;
    for (const detection of evaluator.late(lines, log, timing)) if (!isContext) onDetection(detection);
    if (isContext) before = countsOf(evaluator, log);
    else count += lines.length;
  }
  const after = countsOf(evaluator, log);
  return {
    lines: count,
    alerts: after.alerts - before.alerts,
    unreadable: after.unreadable - before.unreadable,
    withoutClient: after.withoutClient - before.withoutClient,
  };
}

function countsOf({ alerts }: LineEvaluator, { reader }: EvaluatedLog): Omit<NewLineCounts, 'lines'> {
  const { unreadable = 0, withoutClient = 0 } = reader?.counts ?? {};
  return { alerts, unreadable, withoutClient };
}
