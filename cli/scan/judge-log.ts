import { type Block, Replayer } from '../../engine/replayer.ts';
import type { Ruleset } from '../../engine/ruleset/ruleset.ts';
import { readLines } from '../lines.ts';
import { readPart } from '../logs/read-part.ts';
import type { Part } from '../logs/unread.ts';

/** What the rules found in the new lines of one log. */
export interface Findings {
  readonly lines: number;
  readonly alerts: number;
  /** Those whom they would block, by the first alert of each. */
  readonly blocks: readonly Block[];
}

/**
 * Judges a log's new lines by their own times. Lines that were read before only warm the counters: an attack
 * that is half in them and half in the new lines is one.
 */
export async function judgeLog(
  log: string,
  parts: readonly Part[],
  ruleset: Ruleset,
  level: number,
  now: Date,
): Promise<Findings> {
  const replayer = new Replayer(ruleset, level, Math.floor(now.getTime() / 1000));
  let seenBefore = { lines: 0, alerts: 0 };
  for (const part of parts) {
    for await (const lines of readLines(readPart(part)))
      for (const { text, cut } of lines) replayer.next(text, cut, log);
    if (!part.isContext) continue;
    replayer.blocks.clear();
    seenBefore = { lines: replayer.tally.lines, alerts: replayer.tally.alerts };
  }
  const { tally, blocks } = replayer;
  return {
    lines: tally.lines - seenBefore.lines,
    alerts: tally.alerts - seenBefore.alerts,
    blocks: [...blocks.values()],
  };
}
