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
  texts,
} from './fields.ts';
import type { Request } from './request.ts';

/**
 * Parses a message of Wazuh 4.2 to 4.14:
 * `{"version":1,"command":"add"|"delete","parameters":{"extra_args":[…],"alert":{…}}}` (captured from Wazuh 4.14.7).
 * The alert may be empty when it comes from the API, and may lack rule, id and timestamp when it comes from
 * `agent_control -b`. Only the alert's address matters. An attacker may have written any other field, with any type, so
 * the other fields are displayed where possible and never cause an error.
 *
 * @throws RiposteError (DATAERR) for parameters, a command or extra_args of the wrong type
 */
export function parseWazuh4(message: Json): Request {
  const parameters = object('parameters', message.parameters) ?? {};
  const alert = fieldsOf(parameters.alert);
  const rule = fieldsOf(alert.rule);
  const data = fieldsOf(alert.data);
  return {
    source: 'wazuh4',
    command: command(message.command, ['add', 'delete']),
    ...sourceAddress(data),
    user: shown(data.dstuser, LONGEST_NAME),
    alertId: shown(alert.id, LONGEST_ID),
    ruleId: shown(rule.id, LONGEST_ID),
    ruleLevel: count(rule.level),
    location: shown(alert.location, LONGEST_NAME),
    description: shown(rule.description, LONGEST_DESCRIPTION),
    log: shown(alert.full_log, LONGEST_LOG),
    extraArguments: texts('parameters.extra_args', parameters.extra_args),
  };
}

/** Wazuh's own order: the two fields of a Windows event, then `srcip`. */
function sourceAddress(data: Json): Pick<Request, 'address' | 'lookedAt'> {
  const event = fieldsOf(fieldsOf(data.win).eventdata);
  return addressIn([
    ['alert.data.win.eventdata.ipAddress', event.ipAddress],
    ['alert.data.win.eventdata.destinationIp', event.destinationIp],
    ['alert.data.srcip', data.srcip],
  ]);
}
