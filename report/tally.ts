import { isList } from '../active-response/lists.ts';
import { TELLERS } from '../active-response/record/journal.ts';
import type { Counted } from './counted-event.ts';
import { networkOf } from './network.ts';
import { ownCopy } from './own-copy.ts';
import type { RequestInLog } from './request-in.ts';
import { FATES, type Fate } from './summary.ts';
import { Timeline } from './timeline.ts';
import { TopK } from './top-k.ts';

/** The most names of each kind that are counted, to bound the memory against attackers. */
const MOST_ADDRESSES = 100_000;
const MOST_NETWORKS = 50_000;
const MOST_TEXTS = 20_000;

/** Texts are cut to this many characters before they are counted. */
const LONGEST = 200;

/** Counts the events of a journal. */
export class Tally {
  events = 0;
  alerts = 0;
  unblocked = 0;
  restored = 0;
  readonly fates: Record<Fate, number> = { blocked: 0, already: 0, held: 0, failed: 0, rehearsed: 0 };
  readonly timeline = new Timeline();
  readonly addresses = new TopK(MOST_ADDRESSES);
  readonly networks = new TopK(MOST_NETWORKS);
  readonly rules = new TopK(MOST_TEXTS);
  readonly requests = new TopK(MOST_TEXTS);
  readonly agents = new TopK(MOST_TEXTS);
  readonly sources = new TopK(MOST_TEXTS);

  add(event: Counted): void {
    if (TELLERS.includes(event.response)) return; // a notice about an alert is not an alert itself
    if (event.origin !== undefined && isList(event.origin)) return; // a block from a list is not an alert of this host
    this.events++;
    if (event.event === 'unblocked') this.unblocked++;
    else if (event.event === 'restored') this.restored++;
    // Only the command `add` answers an alert; `delete` and a sweep do not.
    else if (event.command === 'add') this.#addAlert(event, event.event as Fate);
  }

  #addAlert(event: Counted, fate: Fate): void {
    const index = FATES.indexOf(fate);
    if (index < 0) return;
    this.alerts++;
    this.fates[fate]++;
    this.timeline.add(event.time, index);
    const time = Math.floor(event.time / 1000);
    const isBlock = fate === 'blocked';
    const rule = textOf(event.rule);
    if (rule !== '') this.#addRule(rule, event, time, isBlock);
    const address = textOf(event.address);
    if (address !== '') this.#addAddress(address, rule, event, time, isBlock);
    const location = textOf(event.location);
    if (location !== '') this.sources.of(location).add(time, isBlock);
    if (event.request !== undefined) this.#addRequest(event.request, time, isBlock);
  }

  #addRule(rule: string, { level, description }: Counted, time: number, isBlock: boolean): void {
    const count = this.rules.of(rule);
    count.add(time, isBlock);
    if (typeof level === 'number' && level > count.level) count.level = level;
    if (count.text === '' && description !== undefined) count.text = ownCopy(textOf(description));
  }

  #addAddress(address: string, rule: string, event: Counted, time: number, isBlock: boolean): void {
    const count = this.addresses.of(address);
    if (count.alerts === 0) count.text = this.#networkOf(count.name);
    count.add(time, isBlock);
    if (rule !== '') count.rule = rule;
    if (typeof event.offence === 'number' && event.offence > count.offence) count.offence = event.offence;
    if (count.text !== '') this.networks.of(count.text).add(time, isBlock);
  }

  /** The network's name as one shared string for all its addresses, which saves memory and makes look-ups fast. */
  #networkOf(address: string): string {
    const network = networkOf(address);
    return network === undefined ? '' : this.networks.of(network).name;
  }

  #addRequest({ request, whole, agent }: RequestInLog, time: number, isBlock: boolean): void {
    if (request !== undefined) {
      const count = this.requests.of(request);
      count.add(time, isBlock);
      if (count.text === '' && whole !== undefined) count.text = ownCopy(whole);
    }
    if (agent !== undefined) this.agents.of(agent).add(time, isBlock);
  }
}

/** Accepts any value, because a damaged journal may hold other types. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value.length > LONGEST ? value.slice(0, LONGEST) : value;
  return typeof value === 'number' ? String(value) : '';
}
