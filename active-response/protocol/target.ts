import { type Address, parseHost, parseTarget } from '../../base/address.ts';
import { EX, RiposteError } from '../../base/errors.ts';
import type { Request } from './request.ts';

/**
 * The address of a request. A manager's message and a log name one host; only an operator or a list blocks a prefix,
 * with `riposte block` or the script's arguments (OSSEC's own filter allows no `/` in arguments). A `delete` may name a
 * prefix, because it ends only the ledger entry of that name.
 *
 * @throws RiposteError (DATAERR) when there is no address, or it cannot be blocked
 */
export function targetOf({ source, command, address, lookedAt }: Request): Address {
  if (address === '' && lookedAt !== undefined)
    throw new RiposteError(EX.DATAERR, `the request has no address in ${lookedAt.join(', ')}`);
  const mayBePrefix = ['operator', 'list', 'ossec'].includes(source) || command === 'delete';
  return mayBePrefix ? parseTarget(address) : parseHost(address);
}
