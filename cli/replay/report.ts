import type { Block, Tally } from '../../engine/replayer.ts';
import { utf8 } from '../bytes.ts';

/** Evidence is printed up to this many characters; --json has it whole. */
const MAX_EVIDENCE = 400;

export function describeBlock({ address, time, rule, level, description, line }: Block): string {
  const evidence = utf8(line);
  const shown = evidence.length > MAX_EVIDENCE ? `${evidence.slice(0, MAX_EVIDENCE)}...` : evidence;
  return `${toIso(time)}  ${address}  rule ${rule} (level ${level})  ${description}\n    ${shown}`;
}

export function blockAsJson(block: Block): object {
  return { ...block, address: utf8(block.address), time: toIso(block.time), line: utf8(block.line) };
}

/** The words of the summary, in its order. Times are the log's own. */
export function summaryAsJson(tally: Tally, blocked: number, cpuMicroseconds: number): object {
  const { byRule, firstTime, lastTime, ...counts } = tally;
  return {
    ...counts,
    blocked,
    from: firstTime === undefined ? null : toIso(firstTime),
    to: lastTime === undefined ? null : toIso(lastTime),
    byRule: Object.fromEntries(byRule),
    cpuMicrosecondsPerLine: perLine(tally, cpuMicroseconds),
  };
}

export function summary(tally: Tally, blocked: number, cpuMicroseconds: number): string {
  const rules = [...tally.byRule].sort(([, a], [, b]) => b - a).slice(0, TOP_RULES);
  const oddities = [
    [tally.undecoded, 'no decoder knows'],
    [tally.empty, 'empty'],
    [tally.control, 'with control characters'],
    [tally.cut, 'cut, too long'],
    [tally.withoutTime, 'without a time'],
    [tally.outOfOrder, 'out of order'],
  ].filter(([count]) => count !== 0);
  return [
    `${tally.lines} lines by the log's own time${period(tally)}, ${perLine(tally, cpuMicroseconds)} microseconds of CPU each`,
    ...oddities.map(([count, what]) => `  ${count} ${what}`),
    `${tally.alerts} alerts${rules.length > 0 ? ': ' : ''}${rules.map(([id, count]) => `${id} (${count})`).join(', ')}`,
    `${blocked} addresses would have been blocked`,
  ].join('\n');
}

const TOP_RULES = 8;

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
