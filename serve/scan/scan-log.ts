import { isBlock } from '../../active-response/record/outcome.ts';
import type { Result } from '../../active-response/record/result.ts';
import type { ResponseContext } from '../../active-response/request-context.ts';
import { debug } from '../../base/debug.ts';
import { attempt, EX, RiposteError } from '../../base/errors.ts';
import type { Ruleset } from '../../engine/ruleset/ruleset.ts';
import type { Detection } from '../../evaluate/detection.ts';
import { type EvaluatedLog, longestLine } from '../../evaluate/evaluated-log.ts';
import type { EvaluatorOptions } from '../../evaluate/evaluator.ts';
import type { Objection, SourceGuard } from '../../evaluate/source-guard.ts';
import { OwnTime } from '../../evaluate/timing.ts';
import { MAX_READER_LINE } from '../../logs/files/lines.ts';
import { type NewLines, newLines } from '../../logs/files/new-lines.ts';
import { readPositions, writePositions } from '../../logs/files/position.ts';
import { catchUp, type NewLineCounts } from '../catch-up.ts';
import { LineEvaluator } from '../line-evaluator.ts';
import { isOwnFinding } from './block-cap.ts';
import { blockFound, recordHeld } from './block-found.ts';
import { type Durations, isOver, severityOf } from './durations.ts';
import type { NetworkOffenders } from './network-offenders.ts';
import { byUrgency } from './urgency.ts';

/** The maximum number of blocks in a batch. If a scan is killed, the blocks of its finished batches remain. */
const BATCH = 1000;

/** The settings of a scan. */
export interface Scan {
  readonly context: ResponseContext;
  readonly ruleset: Ruleset;
  /** Decides which sources are not blocked. */
  readonly guard: SourceGuard;
  /** The lowest level of alerts that block their source. */
  readonly level: number;
  /** The block times of sources. */
  readonly durations: Durations;
  /** Counts the blocked sources of each network. */
  readonly offenders: NetworkOffenders;
  /** Only reports: blocks nobody and saves no position. */
  readonly simulates: boolean;
  readonly now: Date;
  readonly evaluator: EvaluatorOptions;
}

/** A detection, and the result of handling it. */
export interface HandledDetection {
  readonly detection: Detection;
  /** An outcome's word, `old` for an alert that is too old for a block (`isOver`), or `simulated`. */
  readonly word: string;
  readonly reason: string;
  readonly exitCode: number;
}

/** The result of scanning one log. */
export interface Scanned extends NewLineCounts {
  readonly handled: readonly HandledDetection[];
  readonly news: NewLines;
}

/**
 * Evaluates the new lines of a log, blocks the sources of detections, and then saves the position. The position is
 * saved last, so that the next scan repeats a killed scan. The repetition renews existing blocks, and a renewed block
 * is not a second offence. If this host has no firewall, the position stays, because the ledger has no entry from which
 * a sweep could make the block.
 *
 * @throws RiposteError (CONFIG) when settings are wrong, (IOERR, NOPERM) when the log cannot be read; the position then
 * stays unchanged
 */
export async function scanLog(log: EvaluatedLog, scan: Scan): Promise<Scanned> {
  const { now, context } = scan;
  const { data } = context.home;
  const path = log.location;
  const last = readPositions(data)[path];
  const news = newLines(log, last, now, { longest: longestLine(log) });
  debug('position', () => ({ path, last }));
  const { counts, detections } = await detectIn(news, log, scan);
  debug('position', () => ({ path, ...counts, next: news.position }));
  const handled = await handleAll(await proved([...detections], scan), scan);
  if (news.position && !scan.simulates && !lacksBackend(handled, context))
    writePositions(data, { ...readPositions(data), [path]: news.position });
  return { ...counts, handled, news };
}

/** True if blocks have failed because this host has no program that blocks. */
const lacksBackend = (
  handled: readonly HandledDetection[],
  { response, settings, env }: ResponseContext,
): boolean =>
  handled.some(({ exitCode }) => exitCode === EX.UNAVAILABLE) &&
  attempt(() => response.choose(settings, env)) instanceof RiposteError;

/**
 * Finds the detections to handle. Keeps one detection for each source and each `holds` of its claim to be a robot: the
 * first detection of the highest severity. If the block of the kept detection would be over by now, the next detection
 * replaces it.
 */
async function detectIn(news: NewLines, log: EvaluatedLog, scan: Scan) {
  const { ruleset, level, now, evaluator, durations, guard } = scan;
  const detections = new Map<string, Detection>();
  const onDetection = (detection: Detection) => {
    const source = `${guard.networkOf(detection.address)} ${detection.claim?.holds ?? ''}`;
    const before = detections.get(source);
    const isSeverer = before !== undefined && severityOf(detection) > severityOf(before);
    if (!before || isSeverer || isOver(before, durations, now.getTime() / 1000))
      detections.set(source, detection);
  };
  const timing = new OwnTime(Math.floor(now.getTime() / 1000));
  const lineEvaluator = new LineEvaluator(ruleset, level, { ...evaluator, keptOfLine: MAX_READER_LINE });
  const counts = await catchUp(news, log, lineEvaluator, timing, { onDetection });
  return { counts, detections: detections.values() };
}

/** Checks all robots' claims at the same time. @returns the detections that hold, one for each source */
async function proved(detections: readonly Detection[], { guard }: Scan): Promise<Detection[]> {
  const hold = await Promise.all(detections.map((detection) => guard.holds(detection)));
  const ofSource = new Map<string, Detection>();
  for (const detection of detections.filter((_, index) => hold[index])) {
    const source = guard.networkOf(detection.address);
    const before = ofSource.get(source);
    if (!before || (before.claim && !detection.claim)) ofSource.set(source, detection);
  }
  return [...ofSource.values()];
}

/** Handles detections, the most urgent first. @returns the results in the order of the detections */
async function handleAll(detections: readonly Detection[], scan: Scan): Promise<HandledDetection[]> {
  const handled = new Map<Detection, HandledDetection>();
  const toBlock: Detection[] = [];
  for (const detection of detections) {
    const known = withoutBlock(detection, scan);
    if (known) handled.set(detection, known);
    else toBlock.push(detection);
  }
  const urgent = byUrgency(toBlock, scan.context);
  for (let begin = 0; begin < urgent.length; begin += BATCH)
    for (const each of await blockBatch(urgent.slice(begin, begin + BATCH), scan))
      handled.set(each.detection, each);
  return detections.flatMap((detection) => handled.get(detection) ?? []);
}

/** @throws RiposteError when settings are wrong or a block cannot be recorded. The other blocks are made anyway. */
async function blockBatch(detections: readonly Detection[], scan: Scan): Promise<HandledDetection[]> {
  const handled: HandledDetection[] = [];
  for (const part of scan.offenders.split(detections))
    if (part.length > 0) handled.push(...(await blockPart(part, scan)));
  return handled;
}

async function blockPart(
  detections: readonly Detection[],
  { context, durations, offenders }: Scan,
): Promise<HandledDetection[]> {
  for (const detection of detections) detection.prefix = offenders.prefixFor(detection);
  const ended = await blockFound(detections, context, durations);
  return detections.map((detection, index) => {
    const result = ended[index] as Result | RiposteError;
    if (result instanceof RiposteError) throw result;
    const { outcome, exitCode } = result;
    if (isBlock(outcome) && outcome.block && isOwnFinding(outcome.block)) offenders.blocked(outcome.block);
    return { detection, word: outcome.word, reason: outcome.reason, exitCode };
  });
}

/** The result of a detection that needs no block, or undefined. */
function withoutBlock(
  detection: Detection,
  { context, guard, durations, simulates, now }: Scan,
): HandledDetection | undefined {
  if (isOver(detection, durations, now.getTime() / 1000))
    return { detection, word: 'old', reason: 'the block would have ended by now', exitCode: EX.OK };
  const objection = simulates ? guard.objection(detection) : guard.held(detection);
  if (objection?.isRobot && !simulates) {
    const { home, response } = context;
    const [error] = recordHeld(detection, objection.reason, { home, response: response.name, durations });
    if (error) throw error;
  }
  if (objection) return notBlocked(detection, objection);
  return simulates
    ? { detection, word: 'simulated', reason: 'would be blocked', exitCode: EX.OK }
    : undefined;
}

const notBlocked = (detection: Detection, { word, reason }: Objection): HandledDetection => ({
  detection,
  word,
  reason,
  exitCode: word === 'held' ? EX.OK : EX.DATAERR,
});
