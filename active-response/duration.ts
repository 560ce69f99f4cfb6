import { withoutComments } from './ossec-conf.ts';
import type { Request } from './protocol/request.ts';
import type { Settings } from './settings/settings.ts';

/** What the manager's files say of its timeouts, as text; undefined where there is no such file. */
export interface ManagerFiles {
  readonly arConf: string | undefined;
  readonly ossecConf: string | undefined;
}

/** Added to the manager's own time, in seconds: execd looks at its timeouts every 90 s at the latest. */
const SLACK = 300;
/** Ten years: the longest that a block with an end lasts. */
const LONGEST = 10 * 365 * 86_400;

/**
 * How many seconds a block lasts if nobody ends it; undefined: for ever.
 *
 * What a person says holds. With BLOCK_FOR it is Riposte's own time for this offence. Else it is the latest
 * time at which the manager could mean to delete the block, and a little more: execd forgets what is pending
 * when it is killed.
 *
 * @param script the script's file name, as ar.conf has it @param offence 1 for the first
 */
export function blockSeconds(
  request: Request,
  script: string,
  offence: number,
  settings: Settings,
  files: ManagerFiles,
): number | undefined {
  if (request.blockFor !== undefined) return request.blockFor;
  const { blockFor } = settings;
  if (blockFor.length > 0) {
    return isSevere(request, settings) ? blockFor.at(-1) : blockFor[Math.min(offence, blockFor.length) - 1];
  }
  const timeouts = request.timeout === undefined ? arConfTimeouts(files.arConf, script) : [request.timeout];
  if (timeouts.length === 0 || timeouts.includes(0)) return undefined;
  return Math.min(Math.max(...timeouts, ...repeatedOffenders(files.ossecConf)) + SLACK, LONGEST);
}

/** True for an alert that is blocked for the last time of BLOCK_FOR at once. */
export function isSevere(
  { ruleId, ruleLevel = 0 }: Request,
  { severeLevel, severeRules }: Settings,
): boolean {
  return ruleLevel >= severeLevel || (ruleId !== undefined && severeRules.includes(ruleId));
}

/** The timeouts, in seconds, of all responses that run this script: lines `route-null600 - route-null.js - 600`. */
export function arConfTimeouts(arConf: string | undefined, script: string): number[] {
  if (arConf === undefined) return [];
  const lines = arConf.split('\n').map((line) => line.split(' - ').map((field) => field.trim()));
  return lines.filter(([, executable]) => executable === script).map(([, , timeout]) => Number(timeout) || 0);
}

/** `<repeated_offenders>30,60,120</repeated_offenders>`, there in minutes, as seconds. */
export function repeatedOffenders(ossecConf: string | undefined): number[] {
  if (ossecConf === undefined) return [];
  const elements = withoutComments(ossecConf).matchAll(
    /<repeated_offenders>([\d,\s]*)<\/repeated_offenders>/g,
  );
  return [...elements].flatMap(([, minutes = '']) =>
    (minutes.match(/\d+/g) ?? []).map((each) => Number(each) * 60),
  );
}
