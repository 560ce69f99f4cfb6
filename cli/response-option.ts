import type { Response } from '../active-response/circumstances.ts';
import { RESPONSES, responseNamed } from '../active-response/response/responses.ts';
import type { Arguments } from './arguments.ts';
import type { Option } from './verb.ts';

/** The names of all responses, as a choice. */
export const RESPONSE_NAMES = RESPONSES.map(({ name }) => name).join('|');

/** The option of verbs that work on one response or on all of them. */
export const RESPONSE_OPTION: Readonly<Record<'response', Option>> = {
  response: { value: RESPONSE_NAMES, text: 'only this response' },
};

/** The responses that a verb works on. @throws RiposteError (USAGE) for a name that there is not */
export function responsesOf(given: Arguments): readonly Response[] {
  const names = given.all('response');
  return names.length === 0 ? RESPONSES : names.map(responseNamed);
}
