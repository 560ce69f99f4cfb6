import type { Response } from '../../active-response/request-context.ts';
import { RESPONSES, responseNamed } from '../../active-response/response/responses.ts';
import type { Arguments } from '../arguments.ts';
import type { Option } from '../option.ts';

/** The names of all responses, as a choice. */
export const RESPONSE_NAMES = RESPONSES.map(({ name }) => name).join('|');

/** The option of verbs that work on one response or on all of them. */
export const RESPONSE_OPTION: Readonly<Record<'response', Option>> = {
  response: { value: RESPONSE_NAMES, text: 'only this response' },
};

/** The selected responses. @throws RiposteError (USAGE) for an unknown name */
export function responsesOf(given: Arguments): readonly Response[] {
  const names = given.all('response');
  return names.length === 0 ? RESPONSES : names.map(responseNamed);
}
