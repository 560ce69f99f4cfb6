import type { ListEntry } from '../../active-response/operator/list/read-list.ts';
import { RiposteError } from '../../base/errors.ts';
import type { Decision, ReadDecision } from './decision.ts';

/** The blocks and releases for a part of a feed. */
export interface Changes {
  /** The addresses to block, each until the last of its decisions ends. */
  readonly entries: readonly ListEntry[];
  /** The addresses that no decision names any more. */
  readonly released: ReadonlySet<string>;
  /** The number of decisions with types, scopes or origins that the settings ignore. */
  readonly skipped: number;
  /** Decisions that cannot be read. */
  readonly wrong: readonly RiposteError[];
  /** The number of decisions that this host has reported itself. */
  readonly ours: number;
  /** The time at which the seconds of the entries begin, in milliseconds since 1970. */
  readonly at: number;
}

interface Held {
  readonly id: number | undefined;
  /** Milliseconds since 1970. */
  readonly until: number;
  readonly entry: ListEntry;
}

/**
 * The decisions that a feed has named so far, by address. Several decisions may name one address; the block ends with
 * the last of them.
 */
export class Decisions {
  #held = new Map<string, readonly Held[]>();

  constructor(
    /** True for a decision that this host has reported, because its block is already in the ledger. */
    private readonly isOurs: (decision: Decision) => boolean = () => false,
    private readonly clock = Date.now,
  ) {}

  /** The number of addresses and networks. */
  get size(): number {
    return this.#held.size;
  }

  /**
   * Takes a whole list, and forgets all earlier decisions.
   *
   * @param at the time from which the list counts the seconds that are left
   */
  replace(added: readonly ReadDecision[], deleted: readonly ReadDecision[], at?: number): Changes {
    this.#held = new Map();
    return this.change(added, deleted, at);
  }

  /**
   * Takes changes. A deletion ends the decision with its id, or without an id all decisions about its address.
   *
   * @param at the time from which the decisions count the seconds that are left
   */
  change(
    added: readonly ReadDecision[],
    deleted: readonly ReadDecision[],
    at: number = this.clock(),
  ): Changes {
    const wrong: RiposteError[] = [];
    let [skipped, ours] = [0, 0];
    const changed = new Set<string>();
    const read = (value: ReadDecision): Decision | undefined => {
      if (value === undefined) skipped++;
      else if (!(value instanceof RiposteError)) return value;
      else wrong.push(value);
      return undefined;
    };
    for (const value of deleted) {
      const decision = read(value);
      if (!decision) continue;
      const { text } = decision.entry.address;
      const held = this.#held.get(text);
      // This process may not know the decision, because the decision may be older than the process.
      if (!held || held.some(({ id }) => isSame(id, decision.id))) changed.add(text);
      if (held)
        this.#set(
          text,
          held.filter(({ id }) => !isSame(id, decision.id)),
        );
    }
    for (const value of added) {
      const decision = read(value);
      if (!decision) continue;
      if (this.isOurs(decision)) {
        ours++;
        continue;
      }
      const { entry, id } = decision;
      const { text } = entry.address;
      const others = (this.#held.get(text) ?? []).filter((each) => !isSame(each.id, id));
      this.#set(text, [...others, { id, entry, until: at + (entry.seconds ?? 0) * 1000 }]);
      changed.add(text);
    }
    return { ...this.#wantedFor(changed, at), skipped, ours, wrong, at };
  }

  #set(address: string, held: readonly Held[]): void {
    if (held.length === 0) this.#held.delete(address);
    else this.#held.set(address, held);
  }

  #wantedFor(changed: ReadonlySet<string>, now: number): Pick<Changes, 'entries' | 'released'> {
    const entries: ListEntry[] = [];
    const released = new Set<string>();
    for (const address of changed) {
      const held = (this.#held.get(address) ?? []).filter(({ until }) => until > now);
      this.#set(address, held);
      const [first] = held;
      if (first === undefined) {
        released.add(address);
        continue;
      }
      const last = held.reduce((latest, each) => (each.until > latest.until ? each : latest), first);
      entries.push({ ...last.entry, seconds: (last.until - now) / 1000 });
    }
    return { entries, released };
  }
}

/** A decision without an id counts as equal to every other decision about its address. */
const isSame = (a: number | undefined, b: number | undefined): boolean =>
  a === undefined || b === undefined || a === b;
