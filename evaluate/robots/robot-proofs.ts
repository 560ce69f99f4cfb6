import { type Address, addressesIn, parseHost } from '../../base/address.ts';
import { utf8 } from '../../base/bytes.ts';
import type { RobotStanding } from '../../judgement/sources/robots.ts';
import { ExpiringCache } from './expiring-cache.ts';
import type { HostNames, LookUp } from './look-up.ts';
import { LookUpQueue } from './look-up-queue.ts';
import { isNameOf, isOperatorName, isPublished, type Operator, operatorsIn } from './operators.ts';

/**
 * The times for which results are kept, in milliseconds: of a name that resolves back, of another answer, and of a
 * look-up without an answer.
 */
const CONFIRMED = 24 * 3600_000;
const OTHERS = 3600_000;
const FAILURES = 5 * 60_000;
/** The number of answers of each kind that are kept. */
const MOST_ANSWERS = 10_000;
/** The most decisions that may wait for proofs. Further decisions are made at once. */
const MOST_WAITING = 10_000;

/** The longest time that a block waits for a proof, in milliseconds. */
export const PROOF_PATIENCE = 2000;

/** The means by which robots are checked. */
export interface ProofOptions {
  /** Asks DNS; without it, only published ranges prove anything. */
  readonly lookUp?: LookUp | undefined;
  /** Milliseconds of a monotonic clock. */
  readonly clock?: () => number;
}

/** A look-up that runs or waits, and its waiting decisions. */
interface Pending {
  readonly waiting: Set<() => void>;
}

/**
 * Checks the claims of robots. A claim is proved if the address has a name in the operator's domain that resolves back
 * to the address, or if the operator publishes the address. An address is not looked up again while the answer about it
 * is kept.
 */
export class RobotProofs {
  readonly #lookUp: LookUp | undefined;
  readonly #queue: LookUpQueue;
  readonly #confirmed: ExpiringCache<HostNames>;
  readonly #others: ExpiringCache<HostNames>;
  readonly #failures: ExpiringCache<HostNames>;
  readonly #told: ExpiringCache<true>;
  readonly #pending = new Map<string, Pending>();
  #waiting = 0;

  constructor({ lookUp, clock = () => performance.now() }: ProofOptions = {}) {
    this.#lookUp = lookUp;
    this.#queue = new LookUpQueue(clock);
    this.#confirmed = new ExpiringCache(CONFIRMED, MOST_ANSWERS, clock);
    this.#others = new ExpiringCache(OTHERS, MOST_ANSWERS, clock);
    this.#failures = new ExpiringCache(FAILURES, MOST_ANSWERS, clock);
    this.#told = new ExpiringCache(CONFIRMED, MOST_ANSWERS, clock);
  }

  /**
   * Returns a robot's state as far as it is known. If nothing is known, begins a look-up; so call this only for a source
   * that has reached a limit.
   *
   * @param client the robot's address, as in the log
   */
  standing(client: string, userAgent: string): RobotStanding {
    const operators = operatorsIn(userAgent);
    const address = operators.length > 0 ? hostIn(client) : undefined;
    if (!address) return 'unknown';
    if (operators.some((operator) => isPublished(operator, address))) return 'proved';
    if (!this.#lookUp || operators.every(({ domains }) => domains.length === 0)) return 'unknown';
    const names = this.#known(address.text);
    if (names) return standingBy(names, operators);
    return this.#begin(address, this.#lookUp) ? 'pending' : 'unknown';
  }

  /** Says how a robot has proved its identity; undefined if it has not. */
  proof(client: string, userAgent: string): string | undefined {
    const address = hostIn(client);
    if (!address) return undefined;
    for (const operator of operatorsIn(userAgent)) {
      if (isPublished(operator, address))
        return `it is ${operator.name}: its operator publishes this address`;
      const name = this.#known(address.text)?.confirmed.find((each) => isNameOf(operator, each));
      if (name !== undefined) return `it is ${operator.name}: its name ${name} resolves to this address`;
    }
    return undefined;
  }

  /** Waits for the look-up of an address, if there is one, but at most `patience` milliseconds. */
  settled(client: string, patience = PROOF_PATIENCE): Promise<void> {
    const pending = this.#pending.get(hostIn(client)?.text ?? '');
    if (!pending || this.#waiting >= MOST_WAITING) return Promise.resolve();
    this.#waiting++;
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        pending.waiting.delete(end);
        this.#waiting--;
        resolve();
      };
      const timer = setTimeout(end, patience);
      pending.waiting.add(end);
    });
  }

  /** Returns true only once a day for each address, so that a robot's proof is not reported for every request. */
  isNews(client: string): boolean {
    const isTold = this.#told.get(client) ?? false;
    if (!isTold) this.#told.set(client, true);
    return !isTold;
  }

  #known(address: string): HostNames | undefined {
    return this.#confirmed.get(address) ?? this.#others.get(address) ?? this.#failures.get(address);
  }

  /** @returns false if too many look-ups wait */
  #begin(address: Address, lookUp: LookUp): boolean {
    const key = address.text;
    if (this.#pending.has(key)) return true;
    const pending: Pending = { waiting: new Set() };
    const end = () => {
      this.#pending.delete(key);
      for (const wake of [...pending.waiting]) wake();
    };
    const run = async () => {
      this.#keep(key, await lookUp(address, isOperatorName));
      end();
    };
    this.#pending.set(key, pending);
    const isAccepted = this.#queue.add(address, run, end);
    if (!isAccepted) this.#pending.delete(key);
    return isAccepted;
  }

  #keep(address: string, names: HostNames): void {
    const cache = !names.isAnswered
      ? this.#failures
      : names.confirmed.length > 0
        ? this.#confirmed
        : this.#others;
    cache.set(address, names);
  }
}

function standingBy({ isAnswered, hasNames, confirmed }: HostNames, operators: Operator[]): RobotStanding {
  if (confirmed.some((name) => operators.some((operator) => isNameOf(operator, name)))) return 'proved';
  if (!isAnswered) return 'unknown';
  const isNone = operators.every(({ domains, alwaysHasName }) =>
    hasNames ? domains.length > 0 : alwaysHasName,
  );
  return isNone ? 'disproved' : 'unknown';
}

const hostIn = (client: string): Address | undefined => addressesIn(utf8(client), parseHost)[0];
