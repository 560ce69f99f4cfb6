import { table } from '../base/table.ts';
import { reconcileContext } from './reconcile-context.ts';
import type { ResponseContext } from './request-context.ts';
import { inspect, stateOf } from './sweep/inspect.ts';

/**
 * Formats a table of one response's ledger entries, with the state in the backend: `yes`, `NO`, `over` when the
 * block's time has passed, or DAMAGED when the entry cannot be read. Cannot tell whether Apache reads
 * its file.
 *
 * @throws RiposteError when a backend that the ledger names cannot be listed
 */
export function listBlocks(context: ResponseContext): string {
  const inspection = inspect(context, reconcileContext({ ...context, dryRun: undefined }));
  const { ledger, unseen } = inspection;
  for (const error of unseen.values()) throw error;
  if (ledger.blocks.length + ledger.damaged.length === 0) return `${context.response.name} blocks nobody.`;
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
