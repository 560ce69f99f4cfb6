import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { EX, RiposteError } from '../../../base/errors.ts';
import { fileError } from '../../../base/files.ts';
import { startOnce } from '../../../base/start-once.ts';
import { type Home, scriptOf } from '../../home.ts';
import { blockedAddresses } from '../../ledger.ts';
import { type Backend, runPlan } from '../backend.ts';
import type { InForce } from '../in-force.ts';
import { deliveryFiles, readState } from './state.ts';

/** The name of the response and of its script, which delivers. */
export const RESPONSE = 'cloudflare-deny';

/**
 * A list at Cloudflare. The ledger is the queue: a change only starts a process, which makes the list agree with the
 * ledger and records each address as blocked, unblocked or failed. If that process cannot start, the next sweep
 * delivers.
 *
 * @param demandAccess throws when the list or its token is not configured
 * @param seconds the time that `flush` may wait for a delivery
 */
export function cloudflareList(home: Home, demandAccess: () => void, seconds: number): Backend {
  const files = deliveryFiles(home);
  const program = scriptOf(home, RESPONSE);
  const apply = () => {
    demandAccess();
    try {
      mkdirSync(dirname(files.wanted), { recursive: true, mode: 0o750 });
      writeFileSync(files.wanted, '');
    } catch (error) {
      throw fileError('write', files.wanted, error);
    }
    startOnce([process.execPath, program, '--deliver'], { ...files, env: process.env });
  };
  const isIdle = () => {
    const { confirmed, hasItems } = readState(home);
    return confirmed.length === 0 && !hasItems && blockedAddresses(home, RESPONSE).length === 0;
  };
  return {
    name: 'cloudflare',
    apply: (_, executor) => executor.edit('queue the change for Cloudflare’s list', apply),
    applyAll(_, executor) {
      executor.edit('queue the changes for Cloudflare’s list', apply);
      return new Map();
    },
    flush(executor) {
      if (isIdle()) return;
      if (!existsSync(program))
        throw new RiposteError(
          EX.UNAVAILABLE,
          `there is no ${program}, which sends the changes to Cloudflare; run riposte install`,
        );
      const args = [program, '--deliver', String(seconds)];
      runPlan([{ commands: [{ program: process.execPath, args }] }], executor);
    },
    list: () => new Map(readState(home).confirmed.map((address): [string, InForce] => [address, {}])),
  };
}
