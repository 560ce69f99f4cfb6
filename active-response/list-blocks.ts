import type { Place } from './circumstances.ts';
import { inspect, stateOf } from './inspect.ts';
import { settlingOf } from './respond.ts';
import { table } from './table.ts';

/**
 * A table of what the ledger holds for one response, and whether its backend has it in force: `yes`, `NO`, or
 * `over` when its time has passed, or DAMAGED when its entry cannot be read. An Apache that does not read the
 * file that holds it is not noticed here.
 *
 * @throws RiposteError when a backend that blocks somebody cannot be listed
 */
export function listBlocks(place: Place): string {
  const inspection = inspect(place, settlingOf({ ...place, dryRun: undefined }));
  const { ledger, unseen } = inspection;
  for (const error of unseen.values()) throw error;
  if (ledger.blocks.length + ledger.damaged.length === 0) return `${place.response.name} blocks nobody.`;
  const rows = ledger.blocks.map((block) => {
    const { address, backend, since, until, offence, rule = '-' } = block;
    const times = [since, until ?? '-'].map((time) => time.slice(0, 19));
    return [address, backend, stateOf(block, inspection, Date.now()), ...times, String(offence), rule];
  });
  return table([
    ['ADDRESS', 'BY', 'IN FORCE', 'SINCE (UTC)', 'UNTIL (UTC)', 'OFFENCE', 'RULE'],
    ...rows,
    ...ledger.damaged.map(({ address }) => [address, '?', 'DAMAGED', '-', '-', '-', '-']),
  ]);
}
