import { EX, RiposteError } from '../errors.ts';
import { printable } from '../printable.ts';
import { clean } from './fields.ts';
import type { Request } from './request.ts';

/**
 * OSSEC's execd, or a person: `add|delete USER IP ALERTID RULEID LOCATION…`, `-` for what is absent.
 * Only the first five count; an agent's location is two arguments, so later ones shift, and the last is a file
 * name that is always absent, `-` or `(null)` (captured from OSSEC 4.3). From `agent_control -b` ALERTID and RULEID are `(from_the_server) (no_rule_id)`.
 *
 * execd passes on what `agent_control -b '203.0.113.46 extra $(id) ;x'` was given, split at the spaces, so an
 * alert id or a rule id of another form means that the address is not to be trusted either.
 *
 * @throws RiposteError (DATAERR) for control characters and ids of another form; (USAGE) for another command
 */
export function parseOssec(words: readonly string[]): Request {
  const [command, user = '-', address = '-', alertId = '-', ruleId = '-', ...location] = words;
  if (command !== 'add' && command !== 'delete') {
    throw new RiposteError(
      EX.USAGE,
      `'${printable(command ?? '', 40)}' is neither add nor delete (see --help)`,
    );
  }
  return {
    protocol: 'ossec',
    command,
    user: given('user', user),
    address: address === '-' ? '' : address,
    alertId: given('alert id', alertId, /^(\d+\.\d+|\(from_the_server\))$/),
    ruleId: given('rule id', ruleId, /^(\d+|\(no_rule_id\))$/),
    location: given('location', location.join(' ').replace(/ (-|\(null\))$/, '')),
    extraArguments: [],
  };
}

function given(name: string, value: string, form?: RegExp): string | undefined {
  if (value === '-' || value === '') return undefined;
  clean(name, value);
  if (form?.test(value) === false)
    throw new RiposteError(EX.DATAERR, `'${printable(value, 80)}' is no ${name}`);
  return value;
}
