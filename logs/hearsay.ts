import { MODSECURITY } from './readers/error-text.ts';
import type { AccessRecord, ErrorRecord } from './readers/reading.ts';
import { pathNumber } from './request-path.ts';
import { type IdNumber, idNumber, type SeenRequest, SeenRequests, statusNumber } from './seen-requests.ts';

/** The most seconds between the times of an error and of its request. */
export const SAME_SECONDS = 10;

/** An error record that no request has confirmed yet. */
export interface Waiting {
  readonly record: ErrorRecord;
  /** Seconds since 1970. */
  readonly time: number;
  /** The line, unchanged. */
  readonly line: string;
  readonly location: string;
}

/** The limits of memory. */
export interface HearsayLimits {
  /**
   * Requests to remember, at 35 bytes each. A scan needs to remember more requests, because it reads all access logs
   * before the error logs.
   */
  readonly requests: number;
  /** The most records that may wait: of all clients, and of one client. */
  readonly waiting: number;
  readonly waitingOfClient: number;
  /**
   * The most characters in the texts of all waiting records. A client may write most of a line, which may have 8 KB.
   */
  readonly waitingLength: number;
}

/** The number of requests to remember if all access logs are read before the error logs. */
export const REQUESTS_OF_WHOLE_LOGS = 2 ** 20;

const LIMITS: HearsayLimits = {
  requests: 2 ** 18,
  waiting: 10_000,
  waitingOfClient: 32,
  waitingLength: 2 ** 24,
};

/**
 * Error logs are hearsay: programs, clients' texts and raw newlines make lines in them that look like the server's own.
 * The source of such a line is trusted only if an access log shows a request of that address in the same seconds, and
 * the request agrees with the line:
 *
 * - if both have a unique id of the same kind, the ids are the same; then the other conditions do not apply
 * - the request failed (status 400 and up), unless the record is a warning of ModSecurity 2, which denies nothing
 * - the request was for the same path, if the record names one; the path of a file does not count, because aliases
 *   and rewriting make it differ from the request's path
 * - an event of ModSecurity without an id and a path is never trusted; for other records without a path, a failed
 * request is enough
 *
 * So an attacker who can forge a line about a visitor would also have to make that visitor's own request fail.
 */
export class Hearsay {
  /** Records that could not wait, because too many others already waited. */
  dropped = 0;
  readonly #limits: HearsayLimits;
  readonly #seen: SeenRequests;
  readonly #waiting = new Map<string, Waiting[]>();
  #waitingCount = 0;
  #waitingLength = 0;

  constructor(limits: Partial<HearsayLimits> = {}) {
    this.#limits = { ...LIMITS, ...limits };
    this.#seen = new SeenRequests(this.#limits.requests);
  }

  /**
   * The number of requests that newer requests have replaced in memory. If only a replaced request could confirm a
   * record, the record blocks no address.
   */
  get forgotten(): number {
    return this.#seen.forgotten;
  }

  /** The number of waiting records. */
  get waiting(): number {
    return this.#waitingCount;
  }

  /**
   * Remembers a request of an access log.
   * @param time seconds since 1970, on the same clock as the times of error records
   */
  saw(record: AccessRecord, time: number): void {
    if (record.client !== undefined) this.#seen.add(record.client, record, time);
  }

  /** True if a remembered request confirms the record, or if the record is not hearsay. */
  confirms(record: ErrorRecord, time: number): boolean {
    if (!record.isHearsay) return true;
    if (record.client === undefined) return false;
    const claim = claimOf(record);
    return this.#seen.has(record.client, time, SAME_SECONDS, (request) => confirms(request, claim));
  }

  /**
   * Keeps a record until a request confirms the record, or until the record's time is over. In live logs, the record
   * comes before the request, because a server logs an error at once, but a request only when the request ends.
   */
  wait(record: ErrorRecord, time: number, line: string, location: string): void {
    const { client } = record;
    const others = this.#waiting.get(client ?? '') ?? [];
    const waiting = { record, time, line, location };
    const length = this.#waitingLength + lengthOf(waiting);
    const isFull =
      this.#waitingCount >= this.#limits.waiting ||
      others.length >= this.#limits.waitingOfClient ||
      length > this.#limits.waitingLength;
    if (client === undefined || isFull) {
      this.dropped++;
      return;
    }
    others.push(waiting);
    this.#waitingCount++;
    this.#waitingLength = length;
    this.#waiting.set(client, others);
  }

  /** Takes out the waiting records that this request confirms. */
  borneOut(record: AccessRecord, time: number): Waiting[] {
    if (this.#waitingCount === 0 || record.client === undefined) return [];
    const waiting = this.#waiting.get(record.client);
    if (waiting === undefined) return [];
    const request = {
      path: pathNumber(record.target),
      status: statusNumber(record.status),
      time,
      id: record.uniqueId === undefined ? undefined : idNumber(record.uniqueId),
    };
    return this.#takeOut(record.client, waiting, (each) => {
      return Math.abs(each.time - time) <= SAME_SECONDS && confirms(request, claimOf(each.record));
    });
  }

  /**
   * Takes out the records that no request has confirmed in time.
   * @param now on the clock of the records' times
   */
  expired(now: number): Waiting[] {
    const isOver = ({ time }: Waiting): boolean => Math.abs(now - time) > SAME_SECONDS;
    return [...this.#waiting].flatMap(([client, waiting]) => this.#takeOut(client, waiting, isOver));
  }

  #takeOut(client: string, waiting: Waiting[], isTaken: (each: Waiting) => boolean): Waiting[] {
    const taken = waiting.filter(isTaken);
    if (taken.length === 0) return taken;
    const left = waiting.filter((each) => !taken.includes(each));
    this.#waitingCount -= taken.length;
    for (const each of taken) this.#waitingLength -= lengthOf(each);
    if (left.length === 0) this.#waiting.delete(client);
    else this.#waiting.set(client, left);
    return taken;
  }
}

const lengthOf = ({ record, line }: Waiting): number =>
  line.length + record.message.length + record.canonical.length;

/** A record's claim about its request. */
interface Claim {
  /** See `pathNumber`. */
  readonly path: number | undefined;
  readonly id: IdNumber | undefined;
  readonly hasFailed: boolean;
  /**
   * True for an event of ModSecurity: without a path, an attacker could forge one about each client whose request
   * fails.
   */
  readonly needsPath: boolean;
}

function claimOf({ code, level, message, target, uniqueId }: ErrorRecord): Claim {
  const isOfModSecurity = code === MODSECURITY;
  return {
    path: target === undefined ? undefined : pathNumber(target),
    id: uniqueId === undefined ? undefined : idNumber(uniqueId),
    // Only ModSecurity 2 writes warnings at level error. Version 3 writes warnings at level info in nginx's log. That
    // log is the easiest to forge, so warnings of version 3 need a failed request, too.
    hasFailed: !(isOfModSecurity && level === 'error' && message.startsWith('Warning')),
    needsPath: isOfModSecurity,
  };
}

function confirms(request: SeenRequest, claim: Claim): boolean {
  if (claim.id !== undefined && request.id?.length === claim.id.length)
    return request.id.number === claim.id.number;
  if (claim.hasFailed && request.status < 400) return false;
  if (claim.path !== undefined) return request.path === claim.path;
  return !claim.needsPath;
}
