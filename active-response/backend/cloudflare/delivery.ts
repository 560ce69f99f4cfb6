import type { RiposteError } from '../../../base/errors.ts';
import type { Home } from '../../home.ts';
import { amendBlock, type Block, hasEnded, readEnded, readLedger } from '../../ledger.ts';
import type { Outcome } from '../../record/outcome.ts';
import { record } from '../../record/record.ts';
import { type Result, success } from '../../record/result.ts';
import { type CloudflareList, Later } from './api.ts';
import { type Item, itemOf } from './items.ts';
import { RESPONSE } from './list.ts';
import { readState, writeState } from './state.ts';

/** One attempt to make the list at Cloudflare agree with the ledger. Records each change that the list has accepted. */
export class Delivery {
  /** Addresses whose items were lost at Cloudflare: they are restored. */
  #lost = new Set<string>();

  /** @param mark the comment of Riposte's items; items with another comment are never changed */
  constructor(
    private readonly home: Home,
    private readonly script: string,
    private readonly mark: string,
  ) {}

  /** @throws RiposteError; earlier changes are recorded */
  async make(list: CloudflareList): Promise<void> {
    const items = await list.items();
    const held = new Map(items.map((item) => [item.ip, item]));
    const wanted = new Set(this.#blocks().map(({ address }) => itemOf(address)));
    const { confirmed } = readState(this.home);
    this.#lost = new Set(confirmed.filter((address) => !held.has(itemOf(address))));
    this.#confirm(held);
    const over = items.filter(({ ip, comment }) => comment === this.mark && !wanted.has(ip));
    const add = () =>
      list.add(
        [...wanted].filter((ip) => !held.has(ip)),
        this.mark,
        (ips) => {
          for (const ip of ips) held.set(ip, { id: '', ip, comment: this.mark });
          this.#confirm(held);
        },
      );
    const remove = () =>
      list.remove(over, (some) => {
        for (const { ip } of some) held.delete(ip);
        this.#confirm(held);
      });
    try {
      // Add before removing: an attacker may be active, but an unblock can wait.
      await add();
    } catch (error) {
      if (error instanceof Later || over.length === 0) throw error;
      // A full list accepts no item until other items are removed.
      await remove();
      return add();
    }
    await remove();
  }

  /** Records the reason once for each block that is not in the list. */
  fail({ message, exitCode }: RiposteError): void {
    const confirmed = new Set(readState(this.home).confirmed);
    const failed = this.#blocks().filter(
      ({ address, failed }) => !confirmed.has(address) && failed !== message,
    );
    for (const block of failed) amendBlock(this.home, block, { ...block, failed: message });
    this.#record(
      failed.map((block) => ({
        ...resultOf(block, { word: 'failed', reason: message }),
        exitCode,
      })),
    );
  }

  /** Saves which addresses of the ledger are in the list, and records the changes since the last call. */
  #confirm(held: ReadonlyMap<string, Item>): void {
    const were = new Set(readState(this.home).confirmed);
    const blocks = this.#blocks();
    const [addresses, wanted] = [new Set<string>(), new Set<string>()];
    for (const { address } of blocks) {
      addresses.add(address);
      wanted.add(itemOf(address));
    }
    const confirmed = blocks.filter(({ address }) => held.has(itemOf(address)));
    const gone = [...were].filter((address) => !addresses.has(address));
    // An item stays in the list if another address needs it, or if it is not Riposte's. The address counts as
    // unblocked.
    const isLeft = (item: string) => held.get(item)?.comment === this.mark && !wanted.has(item);
    const left = new Set(gone.filter((address) => isLeft(itemOf(address))));
    writeState(this.home, {
      confirmed: [...confirmed.map(({ address }) => address), ...left],
      hasItems: [...held.values()].some(({ comment }) => comment === this.mark),
    });
    const added = confirmed.filter(
      ({ address, failed }) => !were.has(address) || this.#lost.has(address) || failed !== undefined,
    );
    for (const { failed, ...block } of added)
      if (failed !== undefined) amendBlock(this.home, { ...block, failed }, block);
    this.#record([
      ...added.map((block) => resultOf(block, this.#outcomeOf(block))),
      ...gone.filter((address) => !left.has(address)).map((address) => this.#unblocked(address)),
    ]);
    for (const { address } of added) this.#lost.delete(address);
  }

  #outcomeOf({ address, until, offence }: Block): Pick<Outcome, 'word' | 'reason'> {
    const item = itemOf(address);
    const end = until === null ? 'until deleted' : `until ${until}`;
    const as = item === address ? '' : ` as ${item}`;
    const reason = `${end}, offence ${offence}, by cloudflare${as}`;
    return this.#lost.has(address)
      ? { word: 'restored', reason: `the address was no longer in Cloudflare’s list; ${reason}` }
      : { word: 'blocked', reason };
  }

  #unblocked(address: string): Result {
    const ended = readEnded(this.home, RESPONSE, address);
    const since = ended === undefined ? '' : `, since ${ended.since}`;
    const outcome = { word: 'unblocked', reason: `by cloudflare${since}`, address } as const;
    return success({ source: 'sweep', command: 'delete', address, ruleId: ended?.rule }, outcome);
  }

  #blocks(): Block[] {
    return readLedger(this.home, RESPONSE).blocks.filter((block) => !hasEnded(block, Date.now()));
  }

  #record(results: readonly Result[]): void {
    if (results.length === 0) return;
    for (const { message } of record(this.home, RESPONSE, this.script, results))
      process.stderr.write(`${message}\n`);
  }
}

const resultOf = (block: Block, outcome: Pick<Outcome, 'word' | 'reason'>): Result =>
  success(
    { source: 'sweep', command: 'add', address: block.address, ruleId: block.rule, alertId: block.alert },
    { ...outcome, address: block.address, block },
  );
