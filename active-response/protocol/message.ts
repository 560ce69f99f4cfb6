import { EX, RiposteError } from '../../base/errors.ts';
import { object } from './fields.ts';
import type { Request } from './request.ts';
import { parseWazuh4 } from './wazuh4.ts';
import { parseWazuh5 } from './wazuh5.ts';

/**
 * Parses one line from a manager that writes JSON: Wazuh 5 if it has `wazuh`, Wazuh 4 if it has `parameters`.
 *
 * @throws RiposteError (DATAERR)
 */
export function parseMessage(line: string): Request {
  const message = object('the message', parseJson(line));
  if (message?.wazuh !== undefined) return parseWazuh5(message);
  if (message?.parameters !== undefined) return parseWazuh4(message);
  throw new RiposteError(EX.DATAERR, "the message has neither 'parameters' (Wazuh 4) nor 'wazuh' (Wazuh 5)");
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new RiposteError(EX.DATAERR, `the message is not JSON (${line.length} characters)`);
  }
}
