import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Block } from '../../active-response/ledger.ts';

/** Writes a ledger entry directly, dated on an earlier day. */
export function writeEntry(home: string, response: string, address: string, some: Partial<Block> = {}): void {
  const backend =
    { 'firewall-drop': 'nftables', 'route-null': 'route', 'apache-deny': 'map' }[response] ?? '';
  const block = {
    address,
    response,
    backend,
    since: '2026-11-01T09:00:00.000Z',
    until: null,
    offence: 1,
    ...some,
  };
  const file = join(home, 'var/riposte/blocks', response, `${address.replace('/', '_')}.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(block)}\n`);
}

/** A different address for each number; some addresses are IPv4, others IPv6. */
export const addressOf = (number: number): string =>
  number % 4 === 3 ? `2001:db8:7::${(number + 1).toString(16)}` : `198.18.${number >> 8}.${number & 255}`;

export const inHours = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString();
