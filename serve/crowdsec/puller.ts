import { readBlock, readEnded } from '../../active-response/ledger.ts';
import { ownPart } from '../../active-response/lists.ts';
import { RESPONSES } from '../../active-response/response/responses.ts';
import { type CarriedOut, type CarryingOut, carryOut } from './carry-out.ts';
import type { Decision } from './decision.ts';
import { type Changes, Decisions } from './decisions.ts';
import type { Lapi } from './lapi.ts';
import { originOf } from './report.ts';

/**
 * The time between two pulls of all decisions, in milliseconds. A delta may miss a decision that the LAPI was writing
 * at that moment: it compares the time of creation with that of the last pull.
 */
const WHOLE = 600_000;

/** Pulls the decisions of a LAPI, and carries them out. */
export class Puller {
  readonly #decisions: Decisions;
  /** The time of the last pull of all decisions, by a monotonic clock; undefined: the next pull gets all of them. */
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
   * Pulls the changes; at first, after a failure, and every ten minutes, pulls all decisions. If the pull fails,
   * nothing is changed.
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
    const at = Date.now() - (performance.now() - began); // the clock may have been set meanwhile
    return isWhole ? this.#decisions.replace(added, deleted, at) : this.#decisions.change(added, deleted, at);
  }

  /**
   * True for a decision that this host has reported. If its ledger does not know the block, another host has reported it
   * with the same name.
   */
  #isOurs({ origin, entry: { address } }: Decision): boolean {
    const { crowdsecMachine } = this.lapi.settings;
    if (crowdsecMachine === '' || origin !== originOf(crowdsecMachine)) return false;
    const { home } = this.how.context;
    return RESPONSES.some(
      ({ name }) =>
        ownPart(readBlock(home, name, address.text), Date.now()) !== undefined ||
        readEnded(home, name, address.text) !== undefined,
    );
  }
}
