import type { Place } from './circumstances.ts';
import { type Block, blockedAddresses, hasEnded, readBlock } from './ledger.ts';
import { settlingOf } from './respond.ts';

/**
 * A table of what the ledger holds for one response, and whether its backend has it in force: `yes`, `NO`, or
 * `over` when its time has passed, or DAMAGED when its entry cannot be read. An Apache that does not read the file that holds it is not noticed here.
 *
 * @throws RiposteError when a backend cannot be listed
 */
export function listBlocks(place: Place): string {
  const { home, response } = place;
  const { backendOf, executor } = settlingOf({ ...place, dryRun: undefined });
  const addresses = blockedAddresses(home, response.name);
  const damaged: string[][] = [];
  const blocks = addresses.flatMap((address) => {
    try {
      return readBlock(home, response.name, address) ?? [];
    } catch {
      damaged.push([address, '?', 'DAMAGED', '-', '-', '-', '-']);
      return [];
    }
  });
  if (addresses.length === 0) return `${response.name} blocks nobody.`;
  const inForce = new Map<string, Set<string>>();
  for (const { backend } of blocks) {
    if (!inForce.has(backend)) inForce.set(backend, backendOf(backend).list(executor));
  }
  const state = (block: Block) => {
    if (hasEnded(block, Date.now())) return 'over';
    return inForce.get(block.backend)?.has(block.address) ? 'yes' : 'NO';
  };
  const rows = blocks.map((block) => {
    const { address, backend, since, until, offence, rule = '-' } = block;
    const times = [since, until ?? '-'].map((time) => time.slice(0, 19));
    return [address, backend, state(block), ...times, String(offence), rule];
  });
  return table([
    ['ADDRESS', 'BY', 'IN FORCE', 'SINCE (UTC)', 'UNTIL (UTC)', 'OFFENCE', 'RULE'],
    ...rows,
    ...damaged,
  ]);
}

function table(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
