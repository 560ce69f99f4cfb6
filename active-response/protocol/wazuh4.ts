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
  texts,
} from './fields.ts';
import type { Request } from './request.ts';

/**
 * Wazuh 4.2 to 4.14: `{"version":1,"command":"add"|"delete","parameters":{"extra_args":[…],"alert":{…}}}`
 * (captured from Wazuh 4.14.7). The alert may be empty when it comes from the API, and may lack rule, id and
 * timestamp when it comes from `agent_control -b`.
 *
 * @throws RiposteError (DATAERR) for a field of the wrong type
 */
export function parseWazuh4(message: Json): Request {
  const parameters = object('parameters', message.parameters) ?? {};
  const alert = object('parameters.alert', parameters.alert) ?? {};
  const rule = object('alert.rule', alert.rule) ?? {};
  const data = object('alert.data', alert.data) ?? {};
  return {
    protocol: 'wazuh4',
    command: command(message.command, ['add', 'delete']),
    address: sourceAddress(data) ?? '',
    user: text('alert.data.dstuser', data.dstuser),
    alertId: identifier('alert.id', alert.id),
    ruleId: identifier('alert.rule.id', rule.id),
    ruleLevel: count('alert.rule.level', rule.level),
    location: text('alert.location', alert.location),
    description: shown(rule.description, LONGEST_DESCRIPTION),
    log: shown(alert.full_log, LONGEST_LOG),
    extraArguments: texts('parameters.extra_args', parameters.extra_args),
  };
}

/** Wazuh's own order: the two fields of a Windows event, then `srcip`. */
function sourceAddress(data: Json): string | undefined {
  const win = object('alert.data.win', data.win) ?? {};
  const event = object('alert.data.win.eventdata', win.eventdata) ?? {};
  return (
    text('alert.data.win.eventdata.ipAddress', event.ipAddress) ??
    text('alert.data.win.eventdata.destinationIp', event.destinationIp) ??
    text('alert.data.srcip', data.srcip)
  );
}
