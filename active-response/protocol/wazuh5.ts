import { levelOfWord } from '../level-words.ts';
import {
  addressIn,
  command,
  count,
  fieldsOf,
  type Json,
  LONGEST_DESCRIPTION,
  LONGEST_ID,
  LONGEST_LOG,
  LONGEST_NAME,
  object,
  shown,
  text,
} from './fields.ts';
import type { Request } from './request.ts';

/**
 * Parses a message of Wazuh 5: the finding with `"command":"enable"|"disable"`, and the program to run under
 * `wazuh.active_response` (from the source of 5.0.1). It has no `parameters`; extra arguments are one text. The rule is
 * under `wazuh.rule`; in early betas it was at the top level. Only `source.ip` of the event matters. An attacker may
 * have written any other field of the event, with any type, so the other fields are displayed where possible and never
 * cause an error. A block whose time cannot be read lasts until its `disable`.
 *
 * @throws RiposteError (DATAERR) for a command, or for settings (`wazuh.active_response`), of the wrong type
 */
export function parseWazuh5(message: Json): Request {
  const wazuh = object('wazuh', message.wazuh) ?? {};
  const response = object('wazuh.active_response', wazuh.active_response) ?? {};
  const rule = ruleOfWazuh5(message);
  const event = fieldsOf(message.event);
  const extra = text('wazuh.active_response.extra_arguments', response.extra_arguments) ?? '';
  return {
    source: 'wazuh5',
    command: command(message.command, ['enable', 'disable']),
    ...addressIn([['source.ip', fieldsOf(message.source).ip]]),
    user: shown(fieldsOf(message.user).name, LONGEST_NAME),
    alertId: shown(fieldsOf(wazuh.event).id, LONGEST_ID) ?? shown(event.doc_id ?? event.id, LONGEST_ID),
    ruleId: shown(rule.id, LONGEST_ID),
    ruleLevel: levelOfWazuh5(rule.level),
    location: shown(fieldsOf(wazuh.protocol).location, LONGEST_NAME),
    description: shown(rule.title, LONGEST_DESCRIPTION) ?? shown(rule.description, LONGEST_DESCRIPTION),
    log: shown(event.original, LONGEST_LOG),
    extraArguments: extra.split(' ').filter((word) => word !== ''),
    timeout: response.type === 'stateless' ? 0 : count(response.stateful_timeout),
  };
}

/** The rule of a message; empty when it has none. Never fails, like {@link shown}. */
export function ruleOfWazuh5(message: Json): Json {
  const rule = fieldsOf(fieldsOf(message.wazuh).rule);
  return Object.keys(rule).length > 0 ? rule : fieldsOf(message.rule);
}

/** The level as a number, from a word or a number. */
export const levelOfWazuh5 = (level: unknown): number | undefined =>
  count(level) ?? (typeof level === 'string' ? levelOfWord(level) : undefined);
