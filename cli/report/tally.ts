import type { JournalEvent } from '../../active-response/journal.ts';
import { MostMet } from './most-met.ts';
import { networkOf } from './network.ts';
import { requestIn } from './request-in.ts';
import { FATES, type Fate } from './summary.ts';
import { Timeline } from './timeline.ts';

/** How many of each are counted at once. What that takes is bounded, whatever attackers send. */
const MOST_ADDRESSES = 150_000;
const MOST_NETWORKS = 50_000;
const MOST_TEXTS = 20_000;

/** The longest text that is counted by itself, in characters. */
const LONGEST = 200;

const met = () => ({ alerts: 0, blocks: 0, last: 0 });

/** Counts the events of a journal, one after the other. */
export class Tally {
  events = 0;
  alerts = 0;
  unblocked = 0;
  restored = 0;
  readonly fates: Record<Fate, number> = { blocked: 0, already: 0, held: 0, failed: 0, rehearsed: 0 };
  readonly timeline = new Timeline();
  readonly addresses = new MostMet(MOST_ADDRESSES, () => ({
    ...met(),
    first: 0,
    offence: 0,
    rule: '',
    network: '',
  }));
  readonly networks = new MostMet(MOST_NETWORKS, met);
  readonly rules = new MostMet(MOST_TEXTS, () => ({
    ...met(),
    level: undefined as number | undefined,
    description: '',
  }));
  readonly requests = new MostMet(MOST_TEXTS, () => ({ ...met(), example: '' }));
  readonly agents = new MostMet(MOST_TEXTS, met);
  readonly sources = new MostMet(MOST_TEXTS, met);

  add(event: JournalEvent): void {
    this.events++;
    if (event.event === 'unblocked') this.unblocked++;
    if (event.event === 'restored') this.restored++;
    // What a sweep does answers no alert, and a delete is none.
    const fate = event.command === 'add' ? FATES.indexOf(event.event as Fate) : -1;
    if (fate >= 0) this.#addAlert(event, fate);
  }

  #addAlert(event: JournalEvent, fate: number): void {
    const time = Date.parse(event.time);
    this.alerts++;
    this.fates[FATES[fate] as Fate]++;
    this.timeline.add(time, fate);
    const count = (entry: Met) => {
      entry.alerts++;
      if (fate === 0) entry.blocks++;
      entry.last = Math.max(entry.last, time);
    };
    const rule = textOf(event.rule);
    this.#addAddress(textOf(event.address), event, rule, count);
    if (rule !== '') {
      const entry = this.rules.of(rule);
      count(entry);
      if (typeof event.level === 'number') entry.level = Math.max(entry.level ?? 0, event.level);
      entry.description ||= textOf(event.description);
    }
    const location = textOf(event.location);
    if (location !== '') count(this.sources.of(location));
    if (typeof event.log !== 'string') return;
    const { request, whole, agent } = requestIn(event.log);
    if (request !== undefined) {
      const entry = this.requests.of(request);
      count(entry);
      if (whole !== undefined) entry.example = whole;
    }
    if (agent !== undefined) count(this.agents.of(agent));
  }

  #addAddress(address: string, event: JournalEvent, rule: string, count: (entry: Met) => void): void {
    if (address === '') return;
    const entry = this.addresses.of(address);
    count(entry);
    const time = Date.parse(event.time);
    entry.first = entry.first === 0 ? time : Math.min(entry.first, time);
    if (rule !== '') entry.rule = rule;
    const { offence } = event;
    if (typeof offence === 'number') entry.offence = Math.max(entry.offence, offence);
    entry.network ||= networkOf(address) ?? '';
    if (entry.network !== '') count(this.networks.of(entry.network));
  }
}

interface Met {
  alerts: number;
  blocks: number;
  last: number;
}

/** Types are what the journal should hold, not what a damaged one does. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value.slice(0, LONGEST);
  return typeof value === 'number' ? String(value) : '';
}
