import type { Accumulator } from './history/accumulator.ts';
import type { Diffs } from './history/diffs.ts';
import type { FirstSeen } from './history/first-seen.ts';
import type { History } from './history/history.ts';
import type { Ignored } from './history/ignored.ts';

/** The engine's state between lines. */
export interface Memory {
  history: History;
  firstSeen: FirstSeen;
  diffs: Diffs;
  ignored: Ignored;
  accumulator: Accumulator;
}
