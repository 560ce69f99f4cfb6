import type { Circumstances } from './circumstances.ts';
import { blockSeconds, isSevere } from './duration.ts';
import { readIfThere } from './files.ts';
import { type Block, hasEnded, readEnded } from './ledger.ts';
import type { Request } from './protocol/request.ts';

/**
 * The entry for the ledger that a request makes.
 *
 * @param address in its one way to be written
 * @param before what the ledger says of it now: a block that is not over is renewed, and no new offence
 * @throws RiposteError when this host has no backend
 */
export function newBlock(
  request: Request,
  { response, home, settings, env, script }: Omit<Circumstances, 'ask'>,
  address: string,
  before: Block | undefined,
  ossecConf: string | undefined,
): Block {
  const now = Date.now();
  const current = before && !hasEnded(before, now) ? before : undefined;
  const last = before ?? readEnded(home, response.name, address);
  const offence = current?.offence ?? (last?.offence ?? 0) + 1;
  const files = { ossecConf, arConf: readIfThere(home.arConf) };
  const seconds = blockSeconds(request, script, offence, settings, files);
  const until = seconds === undefined ? null : new Date(now + seconds * 1000).toISOString();
  // What a severe alert or a person has set, a lesser alert does not shorten; a person may.
  const isLonger = current?.until === null || (until !== null && (current?.until ?? '') > until);
  const keeps = !request.isOwn && isLonger && ((current?.severe && until !== null) || current?.isOwn);
  return {
    address,
    response: response.name,
    backend: response.choose(settings, env),
    since: current?.since ?? new Date(now).toISOString(),
    until: keeps ? current.until : until,
    offence,
    ...((keeps && current.severe) || isSevere(request, settings) ? { severe: true } : {}),
    ...(request.isOwn || current?.isOwn ? { isOwn: true } : {}),
    rule: request.ruleId,
    level: request.ruleLevel,
    alert: request.alertId,
    location: request.location,
    note: request.note ?? current?.note,
  };
}
