import { memoized } from '../../base/memoized.ts';
import { networkKeys } from '../../base/network-key.ts';
import { ownCopy } from '../../base/own-copy.ts';
import type { AccessRecord } from '../../logs/readers/reading.ts';
import { numberOf } from '../../logs/request-path.ts';
import { isSuccess } from './answers.ts';

/** A source with more requests than this is busy, and its requests are counted from then on. */
export const BUSY_REQUESTS = 200;
/** This many requests over WINDOW_SECONDS are enough to decide, including requests before the source was busy. */
export const WINDOW_REQUESTS = 1000;
export const WINDOW_SECONDS = 3600;
/** If a window has fewer requests, its count begins anew after this many seconds. */
const LONGEST_WINDOW = 24 * 3600;
/** The source counts as shared for this many seconds after the end of a window. */
const SHARED_SECONDS = 24 * 3600;

/**
 * A source with this many verdicts is an attacker, even if other clients share it: otherwise an attacker with
 * invented user agents would not be blocked for a day.
 */
const MOST_VERDICTS = 10;

/** A shared source has at least this many user agents, each with at least AGENT_REQUESTS requests. */
export const SHARED_AGENTS = 20;
const AGENT_REQUESTS = 5;

/** The hash of a user agent gives its counter. Two agents may share a counter: then they count as one agent. */
const COUNTERS = 1024;
/** The most requests of a window that are counted, so that busy sources cost little. */
const MOST_REQUESTS = 2000;
/** The maximum number of sources that are counted. Each needs 2 KB. */
const MOST_COUNTED = 2000;
/**
 * The most counted sources in a /24 or /48, and in a /16 or /32: one attacker must not keep other sources from being
 * counted.
 */
const MOST_OF_NETWORK = { narrow: MOST_COUNTED / 16, wide: MOST_COUNTED / 4 } as const;
/** The time between two searches for sources to drop when a maximum is reached, in seconds. */
const LOOK_SECONDS = 60;

const counterOf = memoized((userAgent) => numberOf(userAgent) & (COUNTERS - 1), { most: 1024, longest: 512 });

type Answered = Pick<AccessRecord, 'userAgent' | 'status'>;

/** The requests of one source within a window, by user agent. */
class Clients {
  last = 0;
  /** The time until which the source counts as shared. */
  sharedUntil = 0;
  #verdicts = 0;
  #agents = new Uint16Array(COUNTERS);
  #requests = 0;
  #answered = 0;
  #since: number;

  constructor(
    readonly address: string,
    since: number,
  ) {
    this.#since = since;
  }

  /** Counts a request. @returns true if the source is found to be shared by the end of a window */
  add(userAgent: string, status: string, time: number): boolean {
    this.last = time;
    const age = time - this.#since;
    if (age < 0 || age > LONGEST_WINDOW) this.restart(time);
    if (this.#requests < MOST_REQUESTS) {
      this.#requests++;
      if (isSuccess(status)) this.#answered++;
      (this.#agents[counterOf(userAgent)] as number)++;
    }
    if (age < WINDOW_SECONDS || this.#requests < WINDOW_REQUESTS - BUSY_REQUESTS) return false;
    const isShared = this.#looksShared();
    if (isShared) {
      this.sharedUntil = time + SHARED_SECONDS;
      this.#verdicts = 0;
    }
    this.restart(time);
    return isShared;
  }

  /** Begins the count anew, because the source attacks. After MOST_VERDICTS, the source no longer counts as shared. */
  restartForVerdict(time: number): void {
    this.restart(time);
    if (++this.#verdicts >= MOST_VERDICTS) this.sharedUntil = 0;
  }

  restart(time: number): void {
    this.#agents.fill(0);
    this.#requests = 0;
    this.#answered = 0;
    this.#since = time;
  }

  #looksShared(): boolean {
    let agents = 0;
    let ofAgents = 0;
    let most = 0;
    for (const requests of this.#agents) {
      if (requests < AGENT_REQUESTS) continue;
      agents++;
      ofAgents += requests;
      if (requests > most) most = requests;
    }
    const half = this.#requests / 2;
    return agents >= SHARED_AGENTS && ofAgents > half && most <= half && this.#answered > half;
  }
}

/**
 * Finds the sources that many clients share, such as a NAT or an unknown proxy. A shared source sends at least 1,000
 * requests in at least an hour; at least 20 user agents together send more than half of them, and none sends more
 * than half alone; the server answers more than half with 2xx or 3xx. A verdict on the source begins its count anew,
 * so that a scanner that changes its user agent does not count as shared.
 *
 * While MOST_COUNTED sources are counted, or MOST_OF_NETWORK of a network, a further source is counted only after one
 * of these sources has been silent for an hour.
 */
export class SharedSources {
  /** Sources that were found to be shared but are not reported yet. */
  readonly #found: string[] = [];
  readonly #counted = new Map<string, Clients>();
  /** The number of counted sources in each network, by the network's key. */
  readonly #ofNetwork = new Map<string, number>();
  #lookedAt = 0;

  /**
   * Counts a request of a busy source.
   *
   * @param time seconds since 1970
   * @param since when the source began to be busy
   */
  note(address: string, { userAgent, status }: Answered, time: number, since: number): void {
    const clients = this.#counted.get(address) ?? this.#begin(address, time, since);
    if (!clients) return;
    const wasShared = clients.sharedUntil > time;
    if (clients.add(userAgent, status, time) && !wasShared) this.#found.push(clients.address);
  }

  /** Begins the count of a source anew, because it attacks. */
  restart(address: string, time: number): void {
    this.#counted.get(address)?.restartForVerdict(time);
  }

  has(address: string, time: number): boolean {
    return (this.#counted.get(address)?.sharedUntil ?? 0) > time;
  }

  /** The sources that are shared now. */
  all(time: number): string[] {
    return [...this.#counted.keys()].filter((address) => this.has(address, time));
  }

  /** Takes the sources that were found to be shared since the last call. */
  takeFound(): string[] {
    return this.#found.splice(0);
  }

  #begin(address: string, time: number, since: number): Clients | undefined {
    if (!this.#hasRoom(address)) this.#makeRoom(time);
    if (!this.#hasRoom(address)) return undefined;
    const clients = new Clients(ownCopy(address), since);
    this.#counted.set(clients.address, clients);
    this.#addToNetworks(clients.address, 1);
    return clients;
  }

  #hasRoom(address: string): boolean {
    const { narrow, wide } = networkKeys(address);
    return (
      this.#counted.size < MOST_COUNTED &&
      (this.#ofNetwork.get(narrow) ?? 0) < MOST_OF_NETWORK.narrow &&
      (this.#ofNetwork.get(wide) ?? 0) < MOST_OF_NETWORK.wide
    );
  }

  #addToNetworks(address: string, change: 1 | -1): void {
    for (const key of Object.values(networkKeys(address))) {
      const count = (this.#ofNetwork.get(key) ?? 0) + change;
      if (count > 0) this.#ofNetwork.set(ownCopy(key), count);
      else this.#ofNetwork.delete(key);
    }
  }

  #makeRoom(time: number): void {
    if (Math.abs(time - this.#lookedAt) < LOOK_SECONDS) return;
    this.#lookedAt = time;
    for (const { address, last, sharedUntil } of this.#counted.values())
      if (time - last > WINDOW_SECONDS && sharedUntil <= time) {
        this.#counted.delete(address);
        this.#addToNetworks(address, -1);
      }
  }
}
