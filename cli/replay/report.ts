import { utf8 } from '../../base/bytes.ts';
import { counted } from '../../base/counted.ts';
import type { Detection } from '../../evaluate/detection.ts';
import type { EvaluatedLog } from '../../evaluate/evaluated-log.ts';
import type { Tally } from '../../evaluate/replayer.ts';
import type { Objection } from '../../evaluate/source-guard.ts';
import { RAW } from '../../logs/readers/formats.ts';

/** Evidence is cut at this many characters; --json prints it whole. */
const MAX_EVIDENCE = 400;

/** @param objection the reason why the source would not be blocked */
export function describeBlock(
  { address, time, rule, level, description, line }: Detection,
  objection?: Objection,
): string {
  const evidence = utf8(line);
  const shown = evidence.length > MAX_EVIDENCE ? `${evidence.slice(0, MAX_EVIDENCE)}...` : evidence;
  const told = `${toIso(time)}  ${address}  rule ${rule} (level ${level})  ${description}\n    ${shown}`;
  return objection ? `${told}\n    ${objection.word}: ${objection.reason}` : told;
}

/** `{"held": REASON}` or `{"refused": REASON}`; nothing for a source that would be blocked. */
export const objectionAsJson = (objection: Objection | undefined): object =>
  objection ? { [objection.word]: objection.reason } : {};

export function blockAsJson({ claim, ...block }: Detection): object {
  return { ...block, address: utf8(block.address), time: toIso(block.time), line: utf8(block.line) };
}

/** The summary as an object. Times are the log's own. */
export function summaryAsJson(
  tally: Tally,
  blocked: number,
  cpuMicroseconds: number,
  logs: readonly EvaluatedLog[],
): object {
  const { byRule, firstTime, lastTime, ...counts } = tally;
  return {
    ...counts,
    blocked,
    from: firstTime === undefined ? null : toIso(firstTime),
    to: lastTime === undefined ? null : toIso(lastTime),
    byRule: Object.fromEntries(byRule),
    cpuMicrosecondsPerLine: perLine(tally, cpuMicroseconds),
    logs: logs.map(logAsJson),
  };
}

/** The reading of a log: its format, and counts of unreadable lines, with the first line of each kind. */
function logAsJson({ location, reader }: EvaluatedLog): object {
  if (!reader) return { log: location, format: RAW };
  const { format, origin, isFirm, tied } = reader.state;
  return {
    log: location,
    format: format ?? null,
    origin,
    isFirm,
    tied,
    ...reader.counts,
    examples: reader.examples,
  };
}

/** The text of the summary. Times are the log's own. @param remarks additions about the addresses */
export function summary(
  tally: Tally,
  blocked: number,
  cpuMicroseconds: number,
  logs: readonly EvaluatedLog[],
  remarks: readonly string[],
): string {
  const rules = [...tally.byRule].sort(([, a], [, b]) => b - a).slice(0, TOP_RULES);
  const oddities = [
    [tally.undecoded, 'no decoder knows'],
    [tally.unreadable, 'cannot be read'],
    [tally.withoutClient, 'without a client that can be trusted'],
    [tally.unconfirmed, 'of error logs, which no request confirms'],
    [tally.empty, 'empty'],
    [tally.control, 'with control characters'],
    [tally.cut, 'cut, too long'],
    [tally.withoutTime, 'without a time'],
    [tally.outOfOrder, 'out of order'],
  ].filter(([count]) => count !== 0);
  return [
    `${counted(tally.lines, 'line')} by the log's own time${period(tally)}, ${perLine(tally, cpuMicroseconds)} microseconds of CPU each`,
    ...oddities.map(([count, what]) => `  ${count} ${what}`),
    ...logs.flatMap(describeLog),
    `${counted(tally.alerts, 'alert')}${rules.length > 0 ? ': ' : ''}${rules.map(([id, count]) => `${id} (${count})`).join(', ')}`,
    `${counted(blocked, 'address', 'addresses')} would have been blocked`,
    ...remarks.map((remark) => `  ${remark}`),
  ].join('\n');
}

const TOP_RULES = 8;

/** The format of a log, and the first unreadable line of each kind. */
function describeLog({ location, reader }: EvaluatedLog): string[] {
  if (!reader) return [];
  const { format, tied } = reader.state;
  const name =
    format ??
    (tied.length > 0 ? `${tied.join(' or ')}: name one (LOG=FORMAT)` : 'unknown: name it (LOG=FORMAT)');
  const examples = reader.examples.map(
    ({ reason, count, line }) => `    ${count} × ${reason}: ${utf8(line.slice(0, MAX_EVIDENCE))}`,
  );
  return [`  ${location}: format ${name}`, ...examples];
}

function period({ firstTime, lastTime }: Tally): string {
  return firstTime === undefined || lastTime === undefined
    ? ''
    : `, ${toIso(firstTime)} to ${toIso(lastTime)}`;
}

function perLine({ lines }: Tally, cpuMicroseconds: number): number {
  return lines === 0 ? 0 : Number((cpuMicroseconds / lines).toFixed(2));
}

function toIso(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? `${seconds}` : date.toISOString().replace('.000Z', 'Z');
}
