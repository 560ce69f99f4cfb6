import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Home } from '../../active-response/home.ts';
import { loadAbuseipdbSettings } from '../../active-response/settings/abuseipdb-settings.ts';
import { makeDirectory, readIfThere, replaceFile } from '../../base/files.ts';
import { newId } from '../message/notice.ts';
import { countIn, directoryOf, fileOf, idsIn, put, readJson, spoolOf } from '../queue/spool.ts';
import type { AbuseOfAddress } from './api.ts';

/** A queued report. */
export interface QueuedReport extends AbuseOfAddress {
  readonly id: string;
  readonly rule: string;
}

/** The state between two runs. Times are in milliseconds since 1970. */
export interface ReportState {
  /** The time when each address was last reported, even if the answer was lost. */
  readonly sent: Readonly<Record<string, number>>;
  /** No report is sent before this time, unless the key has changed. */
  readonly notBefore?: number | undefined;
  /** The reason why the last try failed; absent when it succeeded. */
  readonly trouble?: string | undefined;
  /** The time of the first failure, and of the last try. */
  readonly since?: number | undefined;
  readonly tried?: number | undefined;
}

/** The most queued reports. */
export const MOST_REPORTS = 5000;

/** AbuseIPDB accepts only one report of an address in this time, in milliseconds. */
const ONCE_IN = 15 * 60_000;

/** The time for which a sent report is remembered, in milliseconds. The journal may be read late. */
const REMEMBERED = 3_600_000;

/**
 * True while no report may be sent. False if the last try is in the future, which means that the clock was set back.
 */
export const isPausing = ({ notBefore = 0, tried = 0 }: ReportState, now: number): boolean =>
  now < notBefore && now >= tried;

/** True if the address was reported less than 15 minutes before `time`. */
export function isRepeated({ sent }: ReportState, address: string, time: number): boolean {
  const last = sent[address] ?? Number.NEGATIVE_INFINITY;
  return time - last < ONCE_IN && last <= Date.now();
}

/** Puts a report into the spool. It is on the disk when this returns. @throws RiposteError (IOERR, NOPERM) */
export function putReport(home: Home, report: Omit<QueuedReport, 'id'>): void {
  put(directoryOf(home, 'abuseipdb'), newId(new Date(report.time)), report);
}

/** The queued reports, the oldest first. */
export const queuedReports = (home: Home): QueuedReport[] =>
  idsIn(home, 'abuseipdb').flatMap((id) => {
    const value = readJson(fileOf(home, 'abuseipdb', id));
    return isReport(value) ? [{ ...value, id }] : [];
  });

const isReport = (value: unknown): value is QueuedReport =>
  typeof value === 'object' &&
  value !== null &&
  ['address', 'categories', 'comment', 'time', 'rule'].every(
    (name) => typeof (value as Record<string, unknown>)[name] === 'string',
  );

export const dropReport = (home: Home, { id }: Pick<QueuedReport, 'id'>): void =>
  rmSync(fileOf(home, 'abuseipdb', id), { force: true });

/** The lock of the process that sends reports. */
export const reportLock = (home: Home): string => join(spoolOf(home), 'abuseipdb.lock');

/** The file with the position up to which the journal was read for reports. */
export const reportPosition = (home: Home): string => join(home.data, 'abuseipdb-position.json');

const stateFile = (home: Home): string => join(spoolOf(home), 'abuseipdb-state');

/** Reads the state. Ignores a damaged file: at worst AbuseIPDB refuses a repeated report. */
export function readReportState(home: Home): ReportState {
  try {
    const value = JSON.parse(readIfThere(stateFile(home)) ?? '{}');
    return { ...value, sent: typeof value.sent === 'object' && value.sent !== null ? value.sent : {} };
  } catch {
    return { sent: {} };
  }
}

/** @throws RiposteError (IOERR, NOPERM) */
export function writeReportState(home: Home, state: ReportState, now: number): void {
  const sent = Object.entries(state.sent).filter(([, time]) => now - time < REMEMBERED && time <= now);
  makeDirectory(spoolOf(home), 0o755);
  replaceFile(stateFile(home), `${JSON.stringify({ ...state, sent: Object.fromEntries(sent) })}\n`, 0o600);
}

/**
 * True when reports are configured, and a report is queued or the journal has events that were not read for reports.
 */
export function reportsAreDue(home: Home, now = Date.now()): boolean {
  if (!loadAbuseipdbSettings(home.settings, () => {}).abuseipdbReport) return false;
  if (isPausing(readReportState(home), now)) return false;
  if (countIn(home, 'abuseipdb') > 0) return true;
  const size = statSync(home.journal, { throwIfNoEntry: false })?.size ?? 0;
  const [, offset] = /"offset":(\d+)/.exec(readIfThere(reportPosition(home)) ?? '') ?? [];
  return offset === undefined || Number(offset) !== size;
}
