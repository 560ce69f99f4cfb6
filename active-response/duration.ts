import { withoutComments } from './ossec-conf.ts';
import type { Request } from './protocol/request.ts';
import type { Settings } from './settings/settings.ts';
import { LONGEST_TIME } from './settings/values.ts';

/** The texts of the manager's files with its timeouts; undefined where the file does not exist. */
export interface ManagerFiles {
  readonly arConf: string | undefined;
  readonly ossecConf: string | undefined;
}

/** Seconds added to the manager's own time: execd checks its timeouts at least every 90 s. */
const SLACK = 300;

/**
 * Returns the seconds until a block ends by itself; undefined: never.
 *
 * An operator's time takes precedence. With BLOCK_FOR, or a server's times, the time depends on the offence. Otherwise
 * it is the latest time at which the manager could delete the block, plus a little more, because execd forgets pending
 * deletes when it is killed.
 *
 * @param script the script's file name, as in ar.conf
 * @param offence 1 for the first
 */
export function blockSeconds(
  request: Request,
  script: string,
  offence: number,
  settings: Settings,
  files: ManagerFiles,
): number | undefined {
  const times = request.times ?? settings.blockFor;
  const nth = isSevere(request, settings) ? times.length : Math.min(offence, times.length);
  const time = request.blockFor ?? times[nth - 1];
  if (time !== undefined) return Number.isFinite(time) ? time : undefined;
  const timeouts = request.timeout === undefined ? arConfTimeouts(files.arConf, script) : [request.timeout];
  if (timeouts.length === 0 || timeouts.includes(0)) return undefined;
  return Math.min(Math.max(...timeouts, ...repeatedOffenders(files.ossecConf)) + SLACK, LONGEST_TIME);
}

/**
 * Returns when a manager deletes a block at the earliest, in milliseconds since 1970; undefined when that is not known.
 * An execd that is ending deletes the block earlier, because it runs all pending deletes.
 *
 * @param until the end of the block, as `blockSeconds` has made it
 */
export function earliestDelete(
  until: string | null,
  { timeout }: Pick<Request, 'timeout'>,
  script: string,
  files: ManagerFiles,
): number | undefined {
  const timeouts = timeout === undefined ? arConfTimeouts(files.arConf, script) : [timeout];
  if (until === null || timeouts.length === 0 || timeouts.includes(0)) return undefined;
  const longest = Math.max(...timeouts, ...repeatedOffenders(files.ossecConf));
  return Date.parse(until) - (longest + SLACK - Math.min(...timeouts)) * 1000;
}

/** True for an alert that gets the last time of BLOCK_FOR at once. */
export function isSevere(
  { ruleId, ruleLevel = 0 }: Pick<Request, 'ruleId' | 'ruleLevel'>,
  { severeLevel, severeRules }: Pick<Settings, 'severeLevel' | 'severeRules'>,
): boolean {
  return ruleLevel >= severeLevel || (ruleId !== undefined && severeRules.includes(ruleId.toLowerCase()));
}

/**
 * The timeouts, in seconds, of all responses that run this script, from lines like `route-null600 - route-null.js -
 * 600`.
 */
export function arConfTimeouts(arConf: string | undefined, script: string): number[] {
  if (arConf === undefined) return [];
  const lines = arConf.split('\n').map((line) => line.split(' - ').map((field) => field.trim()));
  return lines.filter(([, executable]) => executable === script).map(([, , timeout]) => Number(timeout) || 0);
}

/** The times of `<repeated_offenders>30,60,120</repeated_offenders>`, converted from minutes to seconds. */
export function repeatedOffenders(ossecConf: string | undefined): number[] {
  if (ossecConf === undefined) return [];
  const elements = withoutComments(ossecConf).matchAll(
    /<repeated_offenders>([\d,\s]*)<\/repeated_offenders>/g,
  );
  return [...elements].flatMap(([, minutes = '']) =>
    (minutes.match(/\d+/g) ?? []).map((each) => Number(each) * 60),
  );
}
