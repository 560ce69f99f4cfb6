import { type Json, LONGEST_DESCRIPTION, LONGEST_ID, shown } from '../../active-response/protocol/fields.ts';
import { parseMessage } from '../../active-response/protocol/message.ts';
import type { Request } from '../../active-response/protocol/request.ts';
import { levelOfWazuh5, ruleOfWazuh5 } from '../../active-response/protocol/wazuh5.ts';
import { RiposteError } from '../../base/errors.ts';
import { jsonObjectIn } from '../../base/json.ts';
import { printable } from '../../base/printable.ts';

/** A manager's message, and the log lines in it. */
export interface ReadMessage {
  readonly request: Request;
  readonly log: readonly string[];
}

/**
 * Reads a message from Wazuh. So that no text of an attacker can suppress the alert, escapes control characters, and
 * keeps the readable fields when another field has a wrong type.
 *
 * @throws RiposteError (DATAERR) when it is not JSON, or not a manager's message
 */
export function readMessage(line: string): ReadMessage {
  const json = jsonObjectIn(line);
  if (json === undefined) return { request: parseMessage(line), log: [] }; // parseMessage throws the precise error
  const log = logIn(json);
  const clean = JSON.stringify(json, (_, value) =>
    typeof value === 'string' ? printable(value, Number.POSITIVE_INFINITY) : value,
  );
  try {
    return { request: parseMessage(clean), log };
  } catch (error) {
    if (!(error instanceof RiposteError) || (json.parameters === undefined && json.wazuh === undefined))
      throw error;
    return { request: salvaged(json, error.message), log };
  }
}

/** Reads the file that integratord passes. It contains only the alert, without a manager's message around it. */
export const readAlertFile = (text: string): ReadMessage =>
  readMessage(`{"version":1,"command":"add","parameters":{"alert":${text.trim() || 'null'}}}`);

const alertIn = (json: Json): Json =>
  json.wazuh === undefined ? inside(inside(json, 'parameters'), 'alert') : json;

const inside = (json: Json, name: string): Json => {
  const value = json[name];
  return typeof value === 'object' && value !== null ? (value as Json) : {};
};

/** The line that triggered the rule, and the earlier lines that the rule counted. */
function logIn(json: Json): string[] {
  const alert = alertIn(json);
  const texts = [alert.full_log, inside(alert, 'event').original, alert.previous_output];
  return texts.filter((text) => typeof text === 'string').flatMap((text: string) => text.split('\n'));
}

function salvaged(json: Json, why: string): Request {
  const alert = alertIn(json);
  const isWazuh5 = json.wazuh !== undefined;
  const rule = isWazuh5 ? ruleOfWazuh5(json) : inside(alert, 'rule');
  const description = shown(rule.description ?? rule.title, LONGEST_DESCRIPTION) ?? 'An alert';
  return {
    source: isWazuh5 ? 'wazuh5' : 'wazuh4',
    command: json.command === 'delete' || json.command === 'disable' ? 'delete' : 'add',
    address: '',
    ruleId: shown(rule.id, LONGEST_ID),
    ruleLevel: levelOfWazuh5(rule.level),
    alertId: shown(alert.id, LONGEST_ID),
    location: shown(alert.location, 200),
    description: `${description} [parts of it could not be read: ${why}]`,
    extraArguments: [],
  };
}
