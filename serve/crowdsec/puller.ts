import { readEnded } from '../../active-response/ledger.ts';
import { RESPONSES } from '../../active-response/response/responses.ts';
import { isBlockedHere } from './blocked-here.ts';
import { type CarriedOut, type CarryingOut, carryOut } from './carry-out.ts';
import type { Decision } from './decision.ts';
import { type Changes, Decisions } from './decisions.ts';
import type { Lapi } from './lapi.ts';
import { originOf } from './report.ts';

/**
 * The time between two pulls of all decisions, in milliseconds. A delta may miss a decision that the LAPI was writing
 * during the last pull, because the LAPI compares the decision's time of creation with the time of that pull.
 */
const WHOLE = 600_000;

/** Pulls the decisions of a LAPI, and carries them out. */
export class Puller {
  readonly #decisions: Decisions;
  /**
   * The time of the last pull of all decisions, by a monotonic clock; undefined if the next pull must get all
   * decisions.
   */
  #whole: number | undefined;

  constructor(
    private readonly lapi: Lapi,
    private readonly how: Omit<CarryingOut, 'peers'>,
  ) {
    this.#decisions = new Decisions((decision) => this.#isOurs(decision));
  }

  /** The number of addresses and networks that decisions name. */
  get size(): number {
    return this.#decisions.size;
  }

  /**
   * Pulls all decisions at first, after a failure, and every ten minutes; otherwise pulls the changes. If the pull
   * fails, no block is changed.
   *
   * @throws RiposteError (UNAVAILABLE, CONFIG, NOPERM, IOERR)
   */
  async pull(): Promise<CarriedOut> {
    const now = performance.now();
    const last = this.#whole;
    const isWhole = last === undefined || now - last >= WHOLE;
    // The LAPI does not repeat the content of a lost answer.
    this.#whole = undefined;
    const changes = await this.#changes(isWhole);
    const done = await carryOut(changes, isWhole, { ...this.how, peers: this.lapi.peers });
    this.#whole = isWhole ? now : last;
    return done;
  }

  async #changes(isWhole: boolean): Promise<Changes> {
    const began = performance.now();
    const { added, deleted } = await this.lapi.stream(isWhole);
    // The beginning of the pull, computed from the present time, because the clock may have been set meanwhile.
    const at = Date.now() - (performance.now() - began);
    return isWhole ? this.#decisions.replace(added, deleted, at) : this.#decisions.change(added, deleted, at);
  }

  /**
   * True for a decision that this host has reported. If the ledger has no such block, another host with the same
   * machine name has reported it.
   */
  #isOurs({ origin, entry: { address } }: Decision): boolean {
    const { crowdsecMachine } = this.lapi.settings;
    if (crowdsecMachine === '' || origin !== originOf(crowdsecMachine)) return false;
    const { home } = this.how.context;
    return (
      isBlockedHere(home, address.text) ||
      RESPONSES.some(({ name }) => readEnded(home, name, address.text) !== undefined)
    );
  }
}
