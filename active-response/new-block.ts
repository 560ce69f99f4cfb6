import { basename } from 'node:path';
import { blockSeconds, isSevere, type ManagerFiles } from './duration.ts';
import { type Block, hasEnded, type LedgerEntries } from './ledger.ts';
import {
  importedBlock,
  isImported,
  isList,
  latest,
  originsOf,
  ownPart,
  serverEnd,
  withOrigins,
} from './lists.ts';
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
  const all = isCurrent ? entries.current : undefined;
  const current = ownPart(all, now);
  const before = entries.last?.offence ?? 0;
  // If another program has already blocked the address, that program has counted the same attack.
  const counted = all && !isImported(all) ? Math.max(before, 1) : before + 1;
  const offence = current?.offence ?? counted;
  const seconds = blockSeconds(request, basename(script), offence, settings, files);
  const until = seconds === undefined ? null : new Date(now + seconds * 1000).toISOString();
  const backend = response.choose(settings, env);
  if (request.origin !== undefined) {
    const origins = { ...originsOf(all, now), [request.origin]: until };
    if (current) return withOrigins({ ...current, backend }, origins);
    const since = all?.since ?? new Date(now).toISOString();
    const note = request.note ?? all?.note;
    // A list's block is not an offence; the ban of another program is an offence.
    const number = isList(request.origin) ? before : counted;
    const imported = { address, response: response.name, backend, since, until, offence: number, note };
    return importedBlock(imported, origins);
  }
  // A lesser alert does not shorten a time set by a severe alert or an operator. A server's request shortens no time.
  // An operator's request may shorten any time.
  const isLonger = current?.until === null || (until !== null && (current?.until ?? '') > until);
  const lasts =
    (current?.severe && until !== null) || current?.isOwn || (current && request.source === 'server');
  const kept = !request.isOwn && isLonger && lasts ? current : undefined;
  const decided = serverEnd(current, now);
  const ofServer =
    request.source === 'server' ? latest([until, ...(decided === undefined ? [] : [decided])]) : decided;
  const serverUntil = request.isOwn ? undefined : ofServer;
  const ending = kept ? kept.until : until;
  const own: Block = {
    address,
    response: response.name,
    backend,
    since: current?.since ?? new Date(now).toISOString(),
    until: serverUntil === undefined ? ending : latest([ending, serverUntil]),
    offence,
    ...(kept?.severe || isSevere(request, settings) ? { severe: true } : {}),
    ...(request.isOwn || current?.isOwn ? { isOwn: true } : {}),
    ...(serverUntil === undefined ? {} : { serverUntil }),
    rule: request.ruleId,
    level: request.ruleLevel,
    alert: request.alertId,
    location: request.location,
    note: request.note ?? current?.note,
  };
  return withOrigins(own, originsOf(all, now));
}
