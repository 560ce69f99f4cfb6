import { isIP } from 'node:net';
import { isSevere } from '../../active-response/duration.ts';
import { endedBefore } from '../../active-response/ledger.ts';
import { ipv6Prefix } from '../../active-response/networks.ts';
import type { ResponseContext } from '../../active-response/request-context.ts';
import { utf8 } from '../../base/bytes.ts';
import { reused } from '../../base/reused.ts';
import type { Detection } from '../../evaluate/detection.ts';
import { sourceNetwork } from '../../logs/source-network.ts';
import { URGENCIES, type Urgency } from '../block-queue.ts';

/** The time after which the directories of ended blocks are looked for again, in milliseconds. */
const FRESH = 1000;

/**
 * Returns the urgency of a detection's block: the detection is severe, its address was blocked before, or neither.
 * Looks up the address in the form of the log, which is nearly always canonical, because parsing each address would
 * delay the reading of logs.
 *
 * @param clock milliseconds of a monotonic clock
 */
export function urgencyBy(
  { home, response, settings }: ResponseContext,
  clock = () => performance.now(),
): (detection: Detection) => Urgency {
  const length = ipv6Prefix({ source: 'server' }, settings);
  const hasEnded = reused(() => endedBefore(home, response.name), clock, FRESH);
  return ({ rule, level, address }) => {
    if (isSevere({ ruleId: String(rule), ruleLevel: level }, settings)) return 'severe';
    const source = utf8(address);
    if (isIP(source) === 0) return 'other';
    const network = sourceNetwork(source, length);
    const isRepeated = hasEnded()(source) || (network !== source && hasEnded()(network));
    return isRepeated ? 'repeated' : 'other';
  };
}

/** Sorts detections by urgency; detections of one urgency keep their order. */
export function byUrgency(detections: readonly Detection[], context: ResponseContext): Detection[] {
  const urgencyOf = urgencyBy(context);
  const ranks = new Map(detections.map((detection) => [detection, URGENCIES.indexOf(urgencyOf(detection))]));
  return [...detections].sort((a, b) => (ranks.get(a) ?? 0) - (ranks.get(b) ?? 0));
}
