import { basename } from 'node:path';
import { blockSeconds, isSevere, type ManagerFiles } from './duration.ts';
import { type Block, hasEnded, type LedgerEntries } from './ledger.ts';
import type { Request } from './protocol/request.ts';
import type { RequestContext } from './request-context.ts';

/**
 * Makes the ledger entry for a request.
 *
 * @param address in canonical form
 * @param entries the ledger's entries for it: renewing a block that has not ended is not a new offence
 * @throws RiposteError when this host has no backend
 */
export function newBlock(
  request: Request,
  { response, settings, env, script }: RequestContext,
  address: string,
  entries: LedgerEntries,
  files: ManagerFiles,
): Block {
  const now = Date.now();
  const isCurrent = entries.current && !entries.current.damaged && !hasEnded(entries.current, now);
  const current = isCurrent ? entries.current : undefined;
  const offence = current?.offence ?? (entries.last?.offence ?? 0) + 1;
  const seconds = blockSeconds(request, basename(script), offence, settings, files);
  const until = seconds === undefined ? null : new Date(now + seconds * 1000).toISOString();
  // A lesser alert does not shorten a time set by a severe alert or an operator. A server's request shortens no time. An
  // operator's request may shorten any.
  const isLonger = current?.until === null || (until !== null && (current?.until ?? '') > until);
  const lasts =
    (current?.severe && until !== null) || current?.isOwn || (current && request.source === 'server');
  const kept = !request.isOwn && isLonger && lasts ? current : undefined;
  return {
    address,
    response: response.name,
    backend: response.choose(settings, env),
    since: current?.since ?? new Date(now).toISOString(),
    until: kept ? kept.until : until,
    offence,
    ...(kept?.severe || isSevere(request, settings) ? { severe: true } : {}),
    ...(request.isOwn || current?.isOwn ? { isOwn: true } : {}),
    rule: request.ruleId,
    level: request.ruleLevel,
    alert: request.alertId,
    location: request.location,
    note: request.note ?? current?.note,
  };
}
