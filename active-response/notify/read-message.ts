import { RiposteError } from '../errors.ts';
import { printable } from '../printable.ts';
import { type Json, LONGEST_DESCRIPTION, shown } from '../protocol/fields.ts';
import { parseMessage } from '../protocol/message.ts';
import type { Request } from '../protocol/request.ts';

/** A manager's message, and the lines of the log that it holds. */
export interface ReadMessage {
  readonly request: Request;
  readonly log: readonly string[];
}

/**
 * Reads a message of Wazuh's so that nothing an attacker writes keeps its alert from being told: control characters
 * are escaped, and of an alert with a field of a wrong type what can be read is told.
 *
 * @throws RiposteError (DATAERR) for what is no JSON at all, or no message of a manager's
 */
export function readMessage(line: string): ReadMessage {
  const json = parse(line);
  if (json === undefined) return { request: parseMessage(line), log: [] }; // which says what is wrong
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

/** The file that integratord hands over holds the alert alone. */
export const readAlertFile = (text: string): ReadMessage =>
  readMessage(`{"version":1,"command":"add","parameters":{"alert":${text.trim() || 'null'}}}`);

function parse(line: string): Json | undefined {
  try {
    const json = JSON.parse(line);
    return typeof json === 'object' && json !== null ? json : undefined;
  } catch {
    return undefined;
  }
}

const alertIn = (json: Json): Json =>
  json.wazuh === undefined ? inside(inside(json, 'parameters'), 'alert') : json;

const inside = (json: Json, name: string): Json => {
  const value = json[name];
  return typeof value === 'object' && value !== null ? (value as Json) : {};
};

/** The line that the rule fired on, and those before it that it has counted. */
function logIn(json: Json): string[] {
  const alert = alertIn(json);
  const texts = [alert.full_log, inside(alert, 'event').original, alert.previous_output];
  return texts.filter((text) => typeof text === 'string').flatMap((text: string) => text.split('\n'));
}

function salvaged(json: Json, why: string): Request {
  const alert = alertIn(json);
  const rule = inside(alert, 'rule');
  const description = shown(rule.description ?? rule.title, LONGEST_DESCRIPTION) ?? 'An alert';
  return {
    protocol: json.wazuh === undefined ? 'wazuh4' : 'wazuh5',
    command: json.command === 'delete' || json.command === 'disable' ? 'delete' : 'add',
    address: '',
    ruleId: shown(String(rule.id ?? ''), 20),
    ruleLevel: Number.isInteger(rule.level) ? (rule.level as number) : undefined,
    alertId: shown(alert.id, 80),
    location: shown(alert.location, 200),
    description: `${description} [not all of it could be read: ${why}]`,
    extraArguments: [],
  };
}
