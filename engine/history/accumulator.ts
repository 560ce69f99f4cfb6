import { ownCopy } from '../../base/own-copy.ts';
import type { Event } from '../event/event.ts';
import { TwoGenerationCache } from './two-generation-cache.ts';

/** Seconds after which collected fields are dropped. */
const EXPIRY = 120;
/** The longest value that is carried over, in bytes. */
const MAX_VALUE = 255;

const FIELDS = ['dstuser', 'srcuser', 'dstip', 'srcip', 'dstport', 'srcport', 'data'] as const;

type Collected = { time: number } & Partial<Record<(typeof FIELDS)[number], string>>;

/** `<accumulate>`: lines with the same id form one event, so each line inherits the fields of the earlier lines. */
export class Accumulator {
  private readonly collected = new TwoGenerationCache<Collected>(EXPIRY);

  accumulate(event: Event): void {
    if (!event.decoder?.accumulates || event.id === undefined) return;
    const key = `${event.hostname} ${event.decoder.name} ${event.id}`;
    const known = this.collected.getOrAdd(key, event.time, () => ({ time: event.time }));
    const isExpired = known.time < event.time - EXPIRY;
    known.time = event.time;
    for (const field of FIELDS) {
      if (isExpired) delete known[field];
      event[field] ||= known[field];
      const value = event[field];
      if (!known[field] && value && value.length < MAX_VALUE) known[field] = ownCopy(value);
    }
  }
}
