import { statSync } from 'node:fs';
import { protector } from '../../active-response/guard/guard.ts';
import type { Home } from '../../active-response/home.ts';
import { readOssecConf } from '../../active-response/ossec-conf.ts';
import type { Outcome } from '../../active-response/record/outcome.ts';
import type { Result } from '../../active-response/record/result.ts';
import type { AbuseipdbSettings } from '../../active-response/settings/abuseipdb-settings.ts';
import { type Address, parseAddress } from '../../base/address.ts';
import { EX, type ExitCode, RiposteError } from '../../base/errors.ts';
import { realExecutor } from '../../base/execute.ts';
import { removeUnfinished } from '../queue/spool.ts';
import { type AbuseipdbAccess, abuseipdbAccess, keyFile } from './access.ts';
import { NotNow, type Reported, reportAbuse } from './api.ts';
import {
  dropReport,
  isPausing,
  isRepeated,
  type QueuedReport,
  queuedReports,
  type ReportState,
  readReportState,
  writeReportState,
} from './report-queue.ts';

/** So that a sweep ends, one run sends at most this many reports, and starts none after this time in milliseconds. */
const TOGETHER = 100;
const LONGEST = 60_000;

/** A report older than this many milliseconds is dropped. Every rate limit of AbuseIPDB ends sooner. */
const OLDEST = 2 * 86_400_000;

/** The pause before the next try when a file is wrong and must be corrected, in seconds. */
const AFTER_WRONG_FILE = 300;

/** The time limit of `ip`, in seconds. */
const COMMAND_TIMEOUT = 20;

/** The installation, and the receiver of the outcomes. */
export interface ReportContext {
  readonly home: Home;
  readonly settings: AbuseipdbSettings;
  readonly env: NodeJS.ProcessEnv;
  /** Called with each outcome at once, so that a later kill loses none. */
  readonly onOutcome: (each: Result) => void;
}

/**
 * Sends the queued reports to AbuseIPDB, until AbuseIPDB accepts no more. The caller holds the lock.
 *
 * @throws RiposteError (IOERR, NOPERM) for a spool that cannot be read or written
 */
export async function deliverReports(context: ReportContext): Promise<void> {
  const { home, settings, onOutcome } = context;
  removeUnfinished(home);
  const queue = queuedReports(home);
  const before = readReportState(home);
  if (queue.length === 0) return;
  if (isPausing(before, Date.now()) && !isChanged(keyFile(home, settings), before)) return;
  try {
    const access = abuseipdbAccess(home, settings);
    const isProtected = guardOf(context);
    const began = performance.now();
    let sent = 0;
    for (const report of queue) {
      if (sent === TOGETHER || performance.now() - began >= LONGEST) return;
      if (await deliver(report, access, isProtected, context)) sent++;
    }
  } catch (error) {
    if (!(error instanceof RiposteError)) throw error;
    onOutcome(pause(home, error));
  }
}

/** True if the key was changed since the last try. A changed key ends the pause. */
const isChanged = (file: string, { tried = 0 }: ReportState): boolean =>
  (statSync(file, { throwIfNoEntry: false })?.ctimeMs ?? 0) > tried;

/** @returns whether AbuseIPDB was asked @throws NotNow */
async function deliver(
  report: QueuedReport,
  access: AbuseipdbAccess,
  isProtected: (address: Address) => string | undefined,
  { home, onOutcome }: ReportContext,
): Promise<boolean> {
  const { address, time } = report;
  const now = Date.now();
  const why = isProtected(parseAddress(address));
  if (why !== undefined || now - Date.parse(time) > OLDEST) {
    dropReport(home, report);
    const reason = why === undefined ? 'too old to be reported to AbuseIPDB' : `never reported: ${why}`;
    onOutcome(outcomeOf(report, why === undefined ? 'failed' : 'held', reason));
    return false;
  }
  const before = readReportState(home);
  if (isRepeated(before, address, now)) return false;
  const { sent, ...state } = before;
  // Record the time before the request, because AbuseIPDB may have the report even if its answer is lost.
  writeReportState(home, { ...state, sent: { ...sent, [address]: now } }, now);
  try {
    const reported = await reportAbuse(access, report);
    writeReportState(home, { sent: { ...sent, [address]: now } }, now);
    dropReport(home, report);
    onOutcome(resultOf(report, reported));
  } catch (error) {
    if (error instanceof NotNow && error.kind !== 'lost answer')
      writeReportState(home, { ...state, sent }, now);
    throw error;
  }
  return true;
}

/**
 * Returns the check for addresses that are never reported: all addresses that are never blocked, and all private
 * addresses.
 */
function guardOf({ home, env }: ReportContext): (address: Address) => string | undefined {
  return protector({
    allowList: home.allowList,
    allowPrivate: true,
    env,
    ossecConf: readOssecConf(home),
    byHand: 'no',
    isListed: true,
    executor: realExecutor(COMMAND_TIMEOUT, env),
  });
}

function resultOf(report: QueuedReport, reported: Reported): Result {
  const { categories } = report;
  switch (reported.kind) {
    case 'accepted': {
      const score =
        reported.score === undefined ? '' : `; the confidence of the address is now ${reported.score} %`;
      return outcomeOf(report, 'sent', `to AbuseIPDB, categories ${categories}${score}`);
    }
    case 'repeated':
      return outcomeOf(report, 'already', 'AbuseIPDB got a report of this address less than 15 minutes ago');
    case 'refused':
      return outcomeOf(report, 'failed', `AbuseIPDB refuses the report: ${reported.why}`, EX.UNAVAILABLE);
  }
}

function outcomeOf(
  { address, rule }: QueuedReport,
  word: Outcome['word'],
  reason: string,
  exitCode: ExitCode = EX.OK,
): Result {
  return {
    request: { source: 'sweep', address, ruleId: rule },
    outcome: { word, reason, address },
    exitCode,
  };
}

/** Records why no report can be sent, and the time of the next try. */
function pause(home: Home, error: RiposteError): Result {
  const { sent, trouble, since } = readReportState(home);
  const { seconds, kind } =
    error instanceof NotNow ? error : ({ seconds: AFTER_WRONG_FILE, kind: 'failure' } as const);
  const { message, exitCode } = error;
  const now = Date.now();
  const notBefore = now + seconds * 1000;
  writeReportState(home, { sent, notBefore, trouble: message, since: since ?? now, tried: now }, now);
  return {
    request: { source: 'sweep' },
    outcome: { word: exitCode === EX.CONFIG ? 'failed' : 'spooled', reason: message },
    exitCode: kind === 'limit' ? EX.OK : exitCode,
    isKnown: trouble === message,
  };
}
