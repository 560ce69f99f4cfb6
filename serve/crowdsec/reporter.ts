import { join } from 'node:path';
import { JournalReader } from '../journal-reader.ts';
import { isBlockedHere } from './blocked-here.ts';
import type { Lapi } from './lapi.ts';
import { alertOf, originOf, type Reportable, reportableIn } from './report.ts';

/** The most blocks that are reported together. */
const TOGETHER = 200;

/**
 * A renewed block is reported again only if its new end is more than this time, in milliseconds, after the reported
 * end.
 */
const LONGER = 60_000;

/** The number of reported ends that are remembered. */
const MOST = 200_000;

/**
 * Reports this host's blocks to a LAPI. The journal is the queue. Its position is stored after the LAPI has accepted a
 * report, so a crash may repeat a report, but loses none.
 */
export class Reporter {
  /** The number of reported blocks since the start. */
  reported = 0;
  /** The reported ends, by address. */
  readonly #ends = new Map<string, number>();
  readonly #journal: JournalReader;

  constructor(
    private readonly lapi: Lapi,
    private readonly say: (text: string) => void,
  ) {
    const { data, journal } = lapi.home;
    this.#journal = new JournalReader(journal, join(data, 'crowdsec-position.json'), () =>
      say('the journal was rotated before all of its blocks were reported to CrowdSec'),
    );
  }

  /** The bytes of the journal that were not read yet. */
  get unread(): number {
    return this.#journal.unread;
  }

  /**
   * Reports the new events of the journal. At the first start, reports no event that is already in the journal.
   *
   * @throws RiposteError (UNAVAILABLE, CONFIG, NOPERM, IOERR) when the remaining events must wait
   */
  async report(): Promise<void> {
    const now = Date.now();
    for await (const some of this.#journal.read((event) => reportableIn(event, now), TOGETHER))
      await this.#send(some);
  }

  async #send(all: readonly Reportable[]): Promise<void> {
    for (let at = 0; at < all.length; at += TOGETHER) await this.#sendSome(all.slice(at, at + TOGETHER));
  }

  async #sendSome(some: readonly Reportable[]): Promise<void> {
    const ended = new Set([...released(some)].filter((address) => !isBlockedHere(this.lapi.home, address)));
    for (const address of ended) await this.#release(address);
    // A release that another block of the address outlasts does not cancel the report of that block.
    const counting = some.filter(({ address, until }) => until !== 'released' || ended.has(address));
    const last = new Map(counting.map((each) => [each.address, each]));
    const blocks = [...last.values()].filter(({ address, until }) => this.#isNews(address, until));
    if (blocks.length > 0) await this.#post(blocks);
  }

  #isNews(address: string, until: Reportable['until']): boolean {
    return until !== 'released' && until > (this.#ends.get(address) ?? 0) + LONGER;
  }

  /**
   * Sends one report of all blocks. If the LAPI refuses that report, sends a report of each block, so that the LAPI
   * refuses only the alerts that it cannot take.
   */
  async #post(blocks: readonly Reportable[]): Promise<void> {
    const { crowdsecMachine } = this.lapi.settings;
    const alerts = blocks.map((block) => alertOf(block, crowdsecMachine));
    const { status, text } = await this.lapi.asMachine('POST', '/v1/alerts', alerts);
    const isAccepted = status < 300;
    if (!isAccepted && blocks.length > 1) {
      for (const block of blocks) await this.#post([block]);
      return;
    }
    const [first] = blocks;
    if (!isAccepted)
      return this.say(`CrowdSec's LAPI refuses the report about ${first?.address}: HTTP ${status} ${text}`);
    this.reported += blocks.length;
    for (const { address, until } of blocks) this.#remember(address, Number(until));
  }

  async #release(address: string): Promise<void> {
    const { crowdsecMachine } = this.lapi.settings;
    const query = new URLSearchParams({ value: address, origin: originOf(crowdsecMachine) });
    const { status, text } = await this.lapi.asMachine('DELETE', `/v1/decisions?${query}`);
    if (status >= 300) this.say(`CrowdSec's LAPI does not delete ${address}: HTTP ${status} ${text}`);
    this.#ends.delete(address);
  }

  #remember(address: string, until: number): void {
    this.#ends.delete(address);
    this.#ends.set(address, until);
    for (const oldest of this.#ends.keys()) {
      if (this.#ends.size <= MOST) return;
      this.#ends.delete(oldest);
    }
  }
}

/** The addresses whose block has ended early, in the order of the events. */
const released = (some: readonly Reportable[]): Set<string> =>
  new Set(some.flatMap(({ address, until }) => (until === 'released' ? address : [])));
