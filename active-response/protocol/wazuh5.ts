import {
  command,
  count,
  identifier,
  type Json,
  LONGEST_DESCRIPTION,
  LONGEST_LOG,
  object,
  shown,
  text,
} from './fields.ts';
import type { Request } from './request.ts';

/**
 * Wazuh 5: the whole event with `"command":"enable"|"disable"` and what to run under `wazuh.active_response`
 * (read in the source of 5.0.0-beta). There is no `parameters`; extra arguments are one text.
 *
 * @throws RiposteError (DATAERR) for a field of the wrong type
 */
export function parseWazuh5(message: Json): Request {
  const wazuh = object('wazuh', message.wazuh) ?? {};
  const response = object('wazuh.active_response', wazuh.active_response) ?? {};
  const rule = object('rule', message.rule) ?? {};
  const extra = text('wazuh.active_response.extra_arguments', response.extra_arguments) ?? '';
  const stateful = text('wazuh.active_response.type', response.type) !== 'stateless';
  const timeout = count('wazuh.active_response.stateful_timeout', response.stateful_timeout);
  return {
    protocol: 'wazuh5',
    command: command(message.command, ['enable', 'disable']),
    address: text('source.ip', object('source', message.source)?.ip) ?? '',
    user: text('user.name', object('user', message.user)?.name),
    alertId: identifier('event.id', object('event', message.event)?.id),
    ruleId: identifier('rule.id', rule.id),
    ruleLevel: undefined,
    location: text('wazuh.active_response.location', response.location),
    description: shown(rule.title ?? rule.description, LONGEST_DESCRIPTION),
    log: shown(object('event', message.event)?.original, LONGEST_LOG),
    extraArguments: extra.split(' ').filter((word) => word !== ''),
    timeout: stateful ? timeout : 0,
  };
}
