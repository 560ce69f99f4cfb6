import { NO_TRAFFIC, type Traffic } from '../active-response/backend/upkeep.ts';

/** The sum of dropped traffic across all resets of the firewall's counters, and the counters' last values. */
export interface Dropped extends Traffic {
  readonly seen: Traffic;
}

/**
 * Adds a counter's gain since the last reading. After a reboot or a reload of the rules, the counter begins at 0
 * again.
 */
export function addTraffic(last: Dropped | undefined, now: Traffic): Dropped {
  const { seen, packets, bytes } = last ?? { ...NO_TRAFFIC, seen: NO_TRAFFIC };
  const isNew = now.packets < seen.packets || now.bytes < seen.bytes;
  const from = isNew ? NO_TRAFFIC : seen;
  return {
    packets: packets + now.packets - from.packets,
    bytes: bytes + now.bytes - from.bytes,
    seen: now,
  };
}
