import type { Counted } from './counted.ts';
import { MostMet } from './most-met.ts';
import { networkOf } from './network.ts';
import { ownCopy } from './own-copy.ts';
import type { RequestInLog } from './request-in.ts';
import { FATES, type Fate } from './summary.ts';
import { Timeline } from './timeline.ts';

/** How many of each are counted at once: that bounds the memory, whatever attackers send. */
const MOST_ADDRESSES = 100_000;
const MOST_NETWORKS = 50_000;
const MOST_TEXTS = 20_000;

/** The longest text that is counted by itself, in characters. */
const LONGEST = 200;

/** Counts the events of a journal, one after the other. */
export class Tally {
  events = 0;
  alerts = 0;
  unblocked = 0;
  restored = 0;
  readonly fates: Record<Fate, number> = { blocked: 0, already: 0, held: 0, failed: 0, rehearsed: 0 };
  readonly timeline = new Timeline();
  readonly addresses = new MostMet(MOST_ADDRESSES);
  readonly networks = new MostMet(MOST_NETWORKS);
  readonly rules = new MostMet(MOST_TEXTS);
  readonly requests = new MostMet(MOST_TEXTS);
  readonly agents = new MostMet(MOST_TEXTS);
  readonly sources = new MostMet(MOST_TEXTS);

  add(event: Counted): void {
    if (event.response === 'email-alert') return; // what tells people of an alert is none of its own
    this.events++;
    if (event.event === 'unblocked') this.unblocked++;
    else if (event.event === 'restored') this.restored++;
    // What a sweep does answers no alert, and a delete is none.
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

  /** The name that the network is counted by: the same text for all its addresses, so it is found fast, and is there once. */
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

/** Types are what the journal should hold, not what a damaged one does. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value.length > LONGEST ? value.slice(0, LONGEST) : value;
  return typeof value === 'number' ? String(value) : '';
}
