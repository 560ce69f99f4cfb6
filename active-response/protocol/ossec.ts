import { EX, RiposteError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import { LONGEST_NAME, shown } from './fields.ts';
import type { Request } from './request.ts';

/**
 * Parses the arguments of OSSEC's execd or of an operator: `add|delete USER IP ALERTID RULEID LOCATION…`, with `-` for
 * an absent argument. Only the first five arguments count: an agent's location is two arguments, so later arguments
 * shift. The last argument is a file name that is always absent, `-` or `(null)` (captured from OSSEC 4.3). From
 * `agent_control -b`, ALERTID and RULEID are `(from_the_server) (no_rule_id)`.
 *
 * execd splits the argument of `agent_control -b '203.0.113.46 extra $(id) ;x'` at its spaces. So if an alert id or a
 * rule id has another form, the address cannot be trusted either. User and location are only displayed.
 *
 * @param origin the program that asks instead of execd
 * @throws RiposteError (DATAERR) for ids of another form; (USAGE) for another command
 */
export function parseOssec(words: readonly string[], origin?: string): Request {
  const [command, user = '-', address = '-', alertId = '-', ruleId = '-', ...location] = words;
  if (command !== 'add' && command !== 'delete') {
    throw new RiposteError(
      EX.USAGE,
      `'${printable(command ?? '', 40)}' is neither add nor delete (see --help)`,
    );
  }
  return {
    source: 'ossec',
    command,
    user: user === '-' ? undefined : shown(user, LONGEST_NAME),
    ...(address === '-' || address === '' ? ABSENT : { address }),
    alertId: identifier('alert id', alertId, /^(\d+\.\d+|\(from_the_server\))$/),
    ruleId: identifier('rule id', ruleId, /^(\d+|\(no_rule_id\))$/),
    location: locationIn(location),
    extraArguments: [],
    ...(origin === undefined ? {} : { origin }),
  };
}

const ABSENT = { address: '', lookedAt: ['the third argument (by hand: add - ADDRESS)'] } as const;

function identifier(name: string, value: string, form: RegExp): string | undefined {
  if (value === '-' || value === '') return undefined;
  if (form.test(value)) return value;
  throw new RiposteError(EX.DATAERR, `'${printable(value, 80)}' is not a valid ${name}`);
}

function locationIn(words: readonly string[]): string | undefined {
  const location = words.join(' ').replace(/ (-|\(null\))$/, '');
  return location === '-' ? undefined : shown(location, LONGEST_NAME);
}
