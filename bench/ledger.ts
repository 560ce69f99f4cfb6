import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Host } from '../test/lab/host.ts';
import { Installation } from '../test/lab/installation.ts';
import { measure } from './measure.ts';
import { printTable } from './table.ts';

const RESPONSES = { 'firewall-drop': 'nftables', 'route-null': 'route', 'apache-deny': 'map' };
const DAY = 86_400_000;

/** Measures the operator's command with a large ledger, for each response separately. */
export async function ledgerBench(node: string, count: number, statusAlone: number): Promise<void> {
  const rows: string[][] = [];
  for (const response of Object.keys(RESPONSES) as (keyof typeof RESPONSES)[]) {
    const at = await Installation.create(undefined, node);
    fillLedger(at.home, response, count);
    // A fresh namespace with the old home is the state after a reboot.
    const host = await Host.create('bench');
    rows.push([response, `restore of ${count}`, ...(await cost(host, at, 'restore', response))]);
    rows.push(['', 'sweep with nothing to do', ...(await cost(host, at, 'sweep', response))]);
    rows.push(['', `status of ${count}`, ...(await cost(host, at, 'status', response))]);
    if (response === 'firewall-drop') {
      await host.run('nft flush table inet riposte');
      rows.push(['', 'restore after nft flush', ...(await cost(host, at, 'restore', response))]);
    }
    fillLedger(at.home, response, statusAlone);
    await cost(host, at, 'restore', response);
    rows.push(['', `status of ${statusAlone}`, ...(await cost(host, at, 'status', response))]);
    await host.remove();
    await at.remove();
  }
  const head = ['', '(goals at 10000: 3, 1 and 1 s)', 'wall', 'CPU'];
  printTable('The command with a large ledger (s)', head, rows);
}

async function cost(host: Host, at: Installation, verb: string, response: string): Promise<string[]> {
  const words = [at.node, 'dist/riposte.js', verb, '--home', at.home, '--response', response];
  const { wall, cpu } = await measure(host, [{ words }], 'in turn');
  return [wall, cpu].map((milliseconds) => (milliseconds / 1000).toFixed(2));
}

/** Writes a ledger of blocks that have no backend yet. */
export function fillLedger(home: string, response: keyof typeof RESPONSES, count: number): void {
  const directory = join(home, 'var/riposte/blocks', response);
  mkdirSync(directory, { recursive: true });
  const [since, until] = [-DAY, DAY].map((time) => new Date(Date.now() + time).toISOString());
  const alike = {
    response,
    backend: RESPONSES[response],
    since,
    until,
    offence: 1,
    rule: '31151',
    level: 10,
  };
  for (let i = 0; i < count; i++) {
    const address = `100.${64 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`;
    writeFileSync(join(directory, `${address}.json`), `${JSON.stringify({ address, ...alike })}\n`);
  }
}
