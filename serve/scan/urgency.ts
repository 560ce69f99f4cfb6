import { isIP } from 'node:net';
import { isSevere } from '../../active-response/duration.ts';
import { hasEndedBefore } from '../../active-response/ledger.ts';
import { ipv6Prefix } from '../../active-response/networks.ts';
import type { ResponseContext } from '../../active-response/request-context.ts';
import { utf8 } from '../../base/bytes.ts';
import type { Detection } from '../../evaluate/detection.ts';
import { sourceNetwork } from '../../logs/source-network.ts';
import { URGENCIES, type Urgency } from '../block-queue.ts';

/**
 * How urgent the block of a detection is: it is severe, its address was blocked before, or neither. Looks the address up as
 * the log has it, which is nearly always its canonical form: parsing each one would delay the reading of logs.
 */
export function urgencyOf(detection: Detection, { home, response, settings }: ResponseContext): Urgency {
  const { rule, level, address } = detection;
  if (isSevere({ ruleId: String(rule), ruleLevel: level }, settings)) return 'severe';
  const source = utf8(address);
  if (isIP(source) === 0) return 'other';
  const network = sourceNetwork(source, ipv6Prefix({ source: 'server' }, settings));
  const isRepeated = [source, network].some((each) => hasEndedBefore(home, response.name, each));
  return isRepeated ? 'repeated' : 'other';
}

/** Sorts detections by urgency; detections of one urgency keep their order. */
export function byUrgency(detections: readonly Detection[], context: ResponseContext): Detection[] {
  const ranks = new Map(
    detections.map((detection) => [detection, URGENCIES.indexOf(urgencyOf(detection, context))]),
  );
  return [...detections].sort((a, b) => (ranks.get(a) ?? 0) - (ranks.get(b) ?? 0));
}
