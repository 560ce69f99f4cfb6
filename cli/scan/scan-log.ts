import type { Place } from '../../active-response/circumstances.ts';
import { EX } from '../../active-response/errors.ts';
import { fileError } from '../../active-response/files.ts';
import type { Block } from '../../engine/replayer.ts';
import type { Ruleset } from '../../engine/ruleset/ruleset.ts';
import { type Position, readPositions, writePositions } from '../logs/position.ts';
import { type Unread, unreadOf } from '../logs/unread.ts';
import { blockFound } from './block-found.ts';
import { judgeLog } from './judge-log.ts';

/** What a scan goes by. */
export interface Scan {
  readonly place: Place;
  readonly ruleset: Ruleset;
  /** Alerts of this level and higher block their source. */
  readonly level: number;
  /** Only tells, blocks nobody, and remembers no position. */
  readonly simulates: boolean;
  readonly now: Date;
}

/** Somebody whom the rules found, and what was done about him. */
export interface Answered {
  readonly found: Block;
  /** An outcome's word, `old` for an alert that is older than its block would last, or `simulated`. */
  readonly word: string;
  readonly reason: string;
  readonly exitCode: number;
}

/** What one log had that was new. */
export interface Scanned {
  readonly lines: number;
  readonly alerts: number;
  readonly answers: readonly Answered[];
  readonly unread: Unread;
}

/**
 * Judges what is new in a log, answers it, and remembers how far it was read: last, so that a scan that was
 * killed is made again. Who is blocked already is then renewed, and it is no second offence.
 *
 * @throws RiposteError (CONFIG) for settings that no block could pass, (IOERR, NOPERM) for a log that cannot be read; the
 * position stays where it was
 */
export async function scanLog(log: string, scan: Scan): Promise<Scanned> {
  const { home } = scan.place;
  const unread = unreadIn(log, readPositions(home)[log], scan.now);
  const { lines, alerts, blocks } = await judgeLog(log, unread.parts, scan.ruleset, scan.level, scan.now);
  const answers: Answered[] = [];
  for (const found of blocks) answers.push(await answer(found, scan));
  if (unread.position && !scan.simulates)
    writePositions(home, { ...readPositions(home), [log]: unread.position });
  return { lines, alerts, answers, unread };
}

function unreadIn(log: string, last: Position | undefined, now: Date): Unread {
  try {
    return unreadOf(log, last, now);
  } catch (error) {
    throw fileError('read', log, error);
  }
}

async function answer(found: Block, { place, simulates, now }: Scan): Promise<Answered> {
  const age = now.getTime() / 1000 - found.time;
  const [shortest = 0] = place.settings.blockFor;
  if (age > shortest)
    return { found, word: 'old', reason: 'its block would be over by now', exitCode: EX.OK };
  if (simulates) return { found, word: 'simulated', reason: 'would be blocked', exitCode: EX.OK };
  const { outcome, exitCode } = await blockFound(found, place);
  return { found, word: outcome.word, reason: outcome.reason, exitCode };
}
