import type { Io } from '../../base/io.ts';
import type { Detection } from '../../evaluate/detection.ts';
import { longestLine } from '../../evaluate/evaluated-log.ts';
import { Replayer } from '../../evaluate/replayer.ts';
import type { SourceGuard } from '../../evaluate/source-guard.ts';
import { type Line, readLines } from '../../logs/files/lines.ts';
import { Progress } from '../replay/progress.ts';
import type { ReplayedLog } from '../replay/replayed-logs.ts';
import type { Rules } from './answer.ts';

/** The result of a replay: the number of lines, and the sources that would be blocked. */
export interface Replayed {
  readonly lines: number;
  /** The first detection of each source. */
  readonly blocks: ReadonlyMap<string, Detection>;
}

/** Replays logs. @param onLine gets each line, and the index of its log */
export async function replayAll(
  logs: readonly ReplayedLog[],
  rules: Rules,
  guard: SourceGuard,
  io: Io,
  onLine: (line: Line, log: number) => void = () => {},
): Promise<Replayed> {
  const { ruleset, level, now, evaluator } = rules;
  const replayer = new Replayer(ruleset, level, now, { ...evaluator, shared: guard.shared });
  const blocks = new Map<string, Detection>();
  const progress = new Progress(io);
  for (const [index, { open, evaluated }] of logs.entries()) {
    const log = open();
    for await (const lines of readLines(log.stream, longestLine(evaluated))) {
      for (const line of lines) {
        onLine(line, index);
        const block = replayer.next(line.text, line.cut, evaluated);
        if (block && !guard.objection(block)) blocks.set(guard.networkOf(block.address), block);
      }
      progress.show(log, replayer.tally.lines);
    }
  }
  progress.clear();
  return { lines: replayer.tally.lines, blocks };
}

/** The detections that only the first replay has. */
export const letThrough = (before: Replayed, after: Replayed): Detection[] =>
  [...before.blocks].flatMap(([source, detection]) => (after.blocks.has(source) ? [] : detection));
