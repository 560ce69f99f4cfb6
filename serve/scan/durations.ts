import type { ServerSettings } from '../../active-response/settings/server-settings.ts';
import type { Settings } from '../../active-response/settings/settings.ts';
import type { Detection } from '../../evaluate/detection.ts';

/**
 * The block times of a source's first, second, … offence, in seconds. `atOnce` is for an offence that is one
 * unmistakable request, `counted` for an offence that is several counted requests.
 */
export interface Durations {
  readonly atOnce: readonly number[];
  readonly counted: readonly number[];
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The default times. No manager ends these blocks, so they must end by themselves. */
const AT_ONCE = [DAY, 7 * DAY];
/** Short at first, because a visitor may be counted by mistake; long for an attacker that repeats the offence. */
const COUNTED = [10 * MINUTE, HOUR, DAY, 7 * DAY];

/** The times by class. BLOCK_FOR sets the times of both classes, unless BLOCK_FOR_COUNTED is set. */
export const durationsOf = (
  { blockFor }: Pick<Settings, 'blockFor'>,
  { blockForCounted }: Pick<ServerSettings, 'blockForCounted'>,
): Durations => ({
  atOnce: orElse(blockFor, AT_ONCE),
  counted: orElse(blockForCounted, orElse(blockFor, COUNTED)),
});

const orElse = (times: readonly number[], others: readonly number[]): readonly number[] =>
  times.length > 0 ? times : others;

/** The times for a detection's class. */
export const timesFor = (
  { isCounted }: Pick<Detection, 'isCounted'>,
  { atOnce, counted }: Durations,
): readonly number[] => (isCounted ? counted : atOnce);

/**
 * True for a detection that is too old for a block: older than the first block time of unmistakable requests. The limit
 * for counted offences is not their own, shorter block time, because a scan from cron may run only once an hour.
 *
 * @param now seconds since 1970
 */
export const isOver = ({ time }: Pick<Detection, 'time'>, { atOnce }: Durations, now: number): boolean =>
  now - time > (atOnce[0] ?? 0);

/**
 * The severity of a detection, to compare detections of one source, because a severer detection may cause a longer
 * block.
 */
export const severityOf = ({ level, isCounted }: Detection): number => 2 * level + (isCounted ? 0 : 1);
