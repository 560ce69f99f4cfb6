import { realExecutor } from './backend/execute.ts';
import type { Home } from './home.ts';
import { blockedAddresses, readBlock } from './ledger.ts';
import type { Response } from './respond.ts';
import type { Settings } from './settings/settings.ts';

/**
 * A table of what the ledger holds for one response, and whether its backend has it in force.
 *
 * @throws RiposteError when a backend cannot be listed
 */
export function listBlocks(
  response: Response,
  home: Home,
  settings: Settings,
  env: NodeJS.ProcessEnv,
): string {
  const executor = realExecutor(settings.commandTimeout, env);
  const blocks = blockedAddresses(home, response.name).flatMap(
    (address) => readBlock(home, response.name, address) ?? [],
  );
  const inForce = new Map<string, Set<string>>();
  for (const { backend } of blocks) {
    if (!inForce.has(backend))
      inForce.set(backend, response.backends[backend]?.(settings, home).list(executor) ?? new Set());
  }
  const rows = blocks.map(({ address, backend, since, until, offence, rule = '-' }) => {
    const state = inForce.get(backend)?.has(address) ? 'yes' : 'NO';
    return [address, backend, state, since.slice(0, 19), until?.slice(0, 19) ?? '-', String(offence), rule];
  });
  return table([['ADDRESS', 'BY', 'IN FORCE', 'SINCE (UTC)', 'UNTIL (UTC)', 'OFFENCE', 'RULE'], ...rows]);
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
