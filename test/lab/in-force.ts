import type { Host } from './host.ts';

/** The addresses and networks that the host's nft sets hold, sorted as text; none without Riposte's table. */
export async function addressesInForce(host: Host): Promise<string[]> {
  const text = await host.run('nft list ruleset').catch(() => '');
  return [...text.matchAll(/([\da-f.:]+) counter packets/g)].map(([, address]) => address ?? '').sort();
}
