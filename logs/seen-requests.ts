import { randomInt } from 'node:crypto';
import type { AccessRecord } from './readers/reading.ts';
import { numberOf, pathNumber } from './request-path.ts';

/** A request in memory: numbers stand for its texts. */
export interface SeenRequest {
  readonly path: number;
  /** 0 when the log has none. */
  readonly status: number;
  /** Seconds since 1970. */
  readonly time: number;
  /** The hash of its unique id; undefined when the log has none. */
  readonly id: IdNumber | undefined;
}

/** Ids of different length are of different kinds: nginx's `$request_id`, Apache's UNIQUE_ID, ModSecurity 3's own. */
export interface IdNumber {
  readonly length: number;
  readonly number: number;
}

export const idNumber = (id: string): IdNumber => ({
  length: Math.min(id.length, 255),
  number: numberOf(id),
});

/** @returns 0 for `-` and for any other text that is not a status */
export function statusNumber(status: string): number {
  const number = Number(status);
  return number >= 100 && number < 1000 ? number : 0;
}

/** Requests of one client are looked up by spans of this many seconds. */
const SPAN = 8;
/** The most requests of one client and span that are compared. The limit bounds the cost of a flood. */
const MOST_LOOKED_AT = 2048;

/**
 * The latest requests of access logs, found by client and time. The memory has a fixed size, 35 bytes for each request,
 * and holds no text of a log. Instead of the client, it holds a hash of the client and a secret.
 */
export class SeenRequests {
  /** The number of requests that newer requests have replaced in memory. */
  forgotten = 0;
  /** The number of the next request. The last `size` requests are in memory. */
  #next = 1;
  readonly #secret = [randomInt(2 ** 32), randomInt(2 ** 32)] as const;
  readonly #mask: number;
  /** By client and span: the number of the latest request. */
  readonly #heads: Float64Array;
  /** By request: the number of the previous request with the same head. */
  readonly #before: Float64Array;
  readonly #clients: Uint32Array;
  readonly #paths: Uint32Array;
  readonly #times: Uint32Array;
  readonly #statuses: Uint16Array;
  readonly #ids: Uint32Array;
  readonly #idLengths: Uint8Array;

  /** @param size the number of requests to remember, rounded up to a power of 2 */
  constructor(size: number) {
    const slots = 2 ** Math.ceil(Math.log2(Math.max(2, size)));
    this.#mask = slots - 1;
    this.#heads = new Float64Array(slots);
    this.#before = new Float64Array(slots);
    this.#clients = new Uint32Array(slots);
    this.#paths = new Uint32Array(slots);
    this.#times = new Uint32Array(slots);
    this.#statuses = new Uint16Array(slots);
    this.#ids = new Uint32Array(slots);
    this.#idLengths = new Uint8Array(slots);
  }

  /** @param time seconds since 1970 */
  add(client: string, record: AccessRecord, time: number): void {
    const { uniqueId } = record;
    const head = this.#head(client, Math.floor(time / SPAN));
    const other = this.#otherHash(client);
    const path = pathNumber(record.target);
    const status = statusNumber(record.status);
    const before = this.#heads[head] ?? 0;
    const last = before & this.#mask;
    const isSame =
      this.#isThere(before) &&
      this.#clients[last] === other &&
      this.#paths[last] === path &&
      this.#times[last] === time >>> 0 &&
      this.#statuses[last] === status;
    if (isSame && uniqueId === undefined) return;
    const number = this.#next++;
    const slot = number & this.#mask;
    if (number > this.#mask + 1) this.forgotten++;
    this.#heads[head] = number;
    this.#before[slot] = before;
    this.#clients[slot] = other;
    this.#paths[slot] = path;
    this.#times[slot] = time;
    this.#statuses[slot] = status;
    this.#ids[slot] = uniqueId === undefined ? 0 : numberOf(uniqueId);
    this.#idLengths[slot] = uniqueId === undefined ? 0 : Math.min(uniqueId.length, 255);
  }

  /** True if `isIt` holds for a request of this client at most `seconds` before or after `time`. */
  has(client: string, time: number, seconds: number, isIt: (request: SeenRequest) => boolean): boolean {
    const other = this.#otherHash(client);
    const last = Math.floor((time + seconds) / SPAN);
    for (let span = Math.floor((time - seconds) / SPAN); span <= last; span++) {
      let number = this.#heads[this.#head(client, span)] ?? 0;
      for (let left = MOST_LOOKED_AT; left > 0 && this.#isThere(number); left--) {
        const slot = number & this.#mask;
        const isNear = this.#clients[slot] === other && Math.abs((this.#times[slot] ?? 0) - time) <= seconds;
        if (isNear && isIt(this.#at(slot))) return true;
        number = this.#before[slot] ?? 0;
      }
    }
    return false;
  }

  #at(slot: number): SeenRequest {
    const length = this.#idLengths[slot] ?? 0;
    return {
      path: this.#paths[slot] ?? 0,
      status: this.#statuses[slot] ?? 0,
      time: this.#times[slot] ?? 0,
      id: length === 0 ? undefined : { length, number: this.#ids[slot] ?? 0 },
    };
  }

  #isThere(number: number): boolean {
    return number > 0 && number >= this.#next - 1 - this.#mask;
  }

  #head(client: string, span: number): number {
    return (Math.imul(hash(client, this.#secret[0]) ^ span, SPREAD) >>> 8) & this.#mask;
  }

  #otherHash(client: string): number {
    return hash(client, this.#secret[1]);
  }
}

const SPREAD = 0x9e3779b1;

function hash(text: string, secret: number): number {
  let result = secret;
  for (let i = 0; i < text.length; i++) {
    result = Math.imul(result ^ text.charCodeAt(i), 0x85ebca6b);
    result ^= result >>> 13;
  }
  return result >>> 0;
}
