import type { IncomingHttpHeaders } from 'node:http';
import { EX, type ExitCode, RiposteError } from '../../base/errors.ts';
import { describeFailure, jsonAnswer, readAnswer, sendRequest } from '../../base/http-request.ts';
import { printable } from '../../base/printable.ts';
import { retryAfter } from '../../base/retry-after.ts';
import type { AbuseipdbAccess } from './access.ts';

/** The time limits for a silence of AbuseIPDB and for a request, in milliseconds. */
const SILENCE = 20_000;
const PATIENCE = 30_000;

/** The longest answer, in bytes. */
const LONGEST = 1024 * 1024;

/** The pauses after a failure, after a limit without a time, and after a refused key, in seconds. */
const [AFTER_FAILURE, AFTER_LIMIT, AFTER_REFUSED_KEY] = [300, 3600, 86_400];

/** The days that a check looks back. */
const DAYS = 90;

/** One report. */
export interface AbuseOfAddress {
  readonly address: string;
  readonly categories: string;
  readonly comment: string;
  /** When it happened, ISO 8601. */
  readonly time: string;
}

/**
 * AbuseIPDB has accepted the report, received another report of the same address a moment ago, or refuses this report
 * for good.
 */
export type Reported =
  | { readonly kind: 'accepted'; readonly score: number | undefined }
  | { readonly kind: 'repeated' }
  | { readonly kind: 'refused'; readonly why: string };

/** The answer of AbuseIPDB about an address. Texts are as AbuseIPDB sends them. */
export interface AbuseRecord {
  readonly address: string;
  /** From 0 to 100. */
  readonly score: number;
  readonly reports: number;
  readonly reporters: number | undefined;
  readonly days: number;
  readonly lastReport: string | undefined;
  readonly country: string | undefined;
  readonly provider: string | undefined;
  readonly usage: string | undefined;
}

/** AbuseIPDB accepts no request now. */
export class NotNow extends RiposteError {
  /**
   * @param seconds how long to send nothing
   * @param kind `limit`: nothing has failed; `lost answer`: AbuseIPDB may nevertheless have accepted the report
   */
  constructor(
    exitCode: ExitCode,
    message: string,
    readonly seconds: number,
    readonly kind: 'limit' | 'lost answer' | 'failure' = 'failure',
  ) {
    super(exitCode, message);
  }
}

/**
 * Reports an address. Source: https://docs.abuseipdb.com/#report-endpoint
 *
 * @throws NotNow
 */
export async function reportAbuse(access: AbuseipdbAccess, abuse: AbuseOfAddress): Promise<Reported> {
  const { address, categories, comment, time } = abuse;
  const body = new URLSearchParams({ ip: address, categories, comment, timestamp: time }).toString();
  const answer = await ask(access, 'POST', '/report', body);
  const { status, error } = answer;
  // AbuseIPDB answers a repeated report with the status of an exceeded daily limit, but names the field `ip`.
  if ((status === 429 || status === 403) && error?.parameter === 'ip') return { kind: 'repeated' };
  if (status === 400 || status === 422) return { kind: 'refused', why: whyOf(answer) };
  const { abuseConfidenceScore: score } = dataOf(access, answer);
  return { kind: 'accepted', score: typeof score === 'number' ? score : undefined };
}

/**
 * Asks about an address. Source: https://docs.abuseipdb.com/#check-endpoint
 *
 * @throws NotNow; RiposteError (DATAERR) for an address that AbuseIPDB refuses
 */
export async function checkAbuse(access: AbuseipdbAccess, address: string): Promise<AbuseRecord> {
  const query = new URLSearchParams({ ipAddress: address, maxAgeInDays: String(DAYS) });
  const answer = await ask(access, 'GET', `/check?${query}`);
  if (answer.status === 400 || answer.status === 422)
    throw new RiposteError(EX.DATAERR, `AbuseIPDB refuses ${address}: ${whyOf(answer)}`);
  const data = dataOf(access, answer);
  const { abuseConfidenceScore: score, totalReports: reports, numDistinctUsers: reporters } = data;
  if (typeof score !== 'number' || typeof reports !== 'number') throw unexpected(access, answer);
  return {
    address,
    score,
    reports,
    reporters: typeof reporters === 'number' ? reporters : undefined,
    days: DAYS,
    lastReport: textIn(data.lastReportedAt),
    country: textIn(data.countryCode),
    provider: textIn(data.isp),
    usage: textIn(data.usageType),
  };
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly json: unknown;
  /** The first error in the answer. */
  readonly error: { readonly detail?: string; readonly parameter?: string } | undefined;
  /** The beginning of the body, for messages. */
  readonly text: string;
}

/** Does not follow redirects: no other host may get the key. */
async function ask(
  { url, key }: AbuseipdbAccess,
  method: 'GET' | 'POST',
  path: string,
  body?: string,
): Promise<Answer> {
  const form: Record<string, string> =
    body === undefined ? {} : { 'Content-Type': 'application/x-www-form-urlencoded' };
  try {
    const headers = { Key: key, Accept: 'application/json', ...form };
    const answer = await sendRequest({
      url: `${url}${path}`,
      method,
      headers,
      body,
      silence: SILENCE,
      patience: PATIENCE,
    });
    const bytes = await readAnswer(answer, LONGEST);
    const { json, text } = jsonAnswer(bytes);
    return {
      status: answer.statusCode ?? 0,
      headers: answer.headers,
      json,
      error: errorIn(json),
      text,
    };
  } catch (error) {
    const { kind, why } = describeFailure(error, PATIENCE);
    const isLost = kind === 'slow' || kind === 'lost' || kind === 'too long';
    const message = `AbuseIPDB at ${new URL(url).host}: ${why}`;
    throw new NotNow(EX.TEMPFAIL, message, AFTER_FAILURE, isLost ? 'lost answer' : 'failure');
  }
}

/** The data of a successful answer. @throws NotNow */
function dataOf(access: AbuseipdbAccess, answer: Answer): Record<string, unknown> {
  const { status, headers, json } = answer;
  if (status === 401 || status === 403)
    throw new NotNow(
      EX.CONFIG,
      `AbuseIPDB refuses the key in ${access.file} (${whyOf(answer)}): write a new key into this file`,
      AFTER_REFUSED_KEY,
    );
  if (status === 429) {
    const seconds = waitIn(headers, Date.now());
    const end = new Date(Date.now() + seconds * 1000).toISOString();
    throw new NotNow(
      EX.TEMPFAIL,
      `AbuseIPDB accepts no more requests until ${end} (${whyOf(answer)})`,
      seconds,
      'limit',
    );
  }
  const data = (json as { data?: unknown } | undefined)?.data;
  if (status === 200 && typeof data === 'object' && data !== null) return data as Record<string, unknown>;
  throw unexpected(access, answer);
}

function unexpected({ url, file }: AbuseipdbAccess, answer: Answer): NotNow {
  const { status, headers, json, text } = answer;
  const { host } = new URL(url);
  if (status >= 300 && status < 400) {
    const to = printable(headers.location ?? 'nowhere', 100);
    const why = `AbuseIPDB at ${host} redirects to ${to}, which is not followed: correct URL in ${file}`;
    return new NotNow(EX.UNAVAILABLE, why, AFTER_FAILURE);
  }
  const kind = json === undefined ? 'no JSON' : 'unexpected JSON';
  const said = status === 200 ? `HTTP 200 and ${kind}: '${text}'` : whyOf(answer);
  const exitCode = status >= 500 ? EX.TEMPFAIL : EX.UNAVAILABLE;
  return new NotNow(
    exitCode,
    `AbuseIPDB at ${host} answers ${said}`,
    AFTER_FAILURE,
    status === 200 ? 'lost answer' : 'failure',
  );
}

const whyOf = ({ status, error, text }: Answer): string =>
  `HTTP ${status}: ${printable(error?.detail ?? (text || 'no reason'), 200)}`;

/** The seconds to wait after an answer 429: as Retry-After says, else until the time of X-RateLimit-Reset. */
export function waitIn(headers: IncomingHttpHeaders, now: number): number {
  const reset = String(headers['x-ratelimit-reset'] ?? '');
  const untilReset = /^\d+$/.test(reset) ? Number(reset) - now / 1000 : 0;
  const seconds = retryAfter(headers['retry-after'], now) ?? untilReset;
  return seconds > 0 ? Math.min(Math.ceil(seconds), AFTER_REFUSED_KEY) : AFTER_LIMIT;
}

function errorIn(json: unknown): Answer['error'] {
  const errors = (json as { errors?: unknown } | null | undefined)?.errors;
  const [first] = Array.isArray(errors) ? errors : [];
  if (typeof first !== 'object' || first === null) return undefined;
  const { detail, source } = first as { detail?: unknown; source?: { parameter?: unknown } | null };
  return {
    ...(typeof detail === 'string' ? { detail } : {}),
    ...(typeof source?.parameter === 'string' ? { parameter: source.parameter } : {}),
  };
}

const textIn = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
