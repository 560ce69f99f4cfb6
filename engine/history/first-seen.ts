import { ownCopy } from '../../base/own-copy.ts';
import type { Event, FtsField } from '../event/event.ts';

/** analysisd.fts_list_size and fts_min_size_for_str, as OSSEC ships them. */
const RECENT = 32;
const MIN_COMMON = 14;
/**
 * The number of recent entries that may share over MIN_COMMON characters with a new entry before the new entry counts
 * as a repetition.
 */
const MAX_SIMILAR = 2;
/** The number of entries is limited, because an attacker can send any values in log lines. */
const MAX_ENTRIES = 200_000;

const FIELDS: readonly FtsField[] = [
  'id',
  'dstuser',
  'srcuser',
  'srcip',
  'dstip',
  'data',
  'systemname',
  'location',
];

/** `<if_fts>`: remembers the values of `<fts>` fields that each decoder has seen. */
export class FirstSeen {
  private readonly seen = new Set<string>();
  private readonly recent: string[] = [];

  isNew(event: Event): boolean {
    const fields = event.decoder?.fts;
    if (!event.decoder || !fields || fields.size === 0) return false;
    const values = FIELDS.map((name) => (fields.has(name) ? fieldOf(event, name) : ''));
    let entry = [event.decoder.name, ...values].join(' ');
    if (this.seen.has(entry)) return false;
    if (event.category === 'ids') entry = this.shortened(entry);
    if (this.seen.has(entry)) return false;
    if (this.seen.size >= MAX_ENTRIES) this.seen.clear();
    this.seen.add(ownCopy(entry));
    return true;
  }

  /**
   * Keeps only the beginning of an entry that resembles several recent entries: intrusion detectors repeat themselves.
   */
  private shortened(entry: string): string {
    const similar = this.recent.filter((other) => commonLength(other, entry) > MIN_COMMON).length;
    const kept = similar > MAX_SIMILAR ? entry.slice(0, MIN_COMMON) : entry;
    this.recent.push(kept);
    if (this.recent.length > RECENT) this.recent.shift();
    return kept;
  }
}

function fieldOf(event: Event, name: FtsField): string {
  return (name === 'name' ? event.decoder?.name : event[name]) ?? '';
}

function commonLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}
