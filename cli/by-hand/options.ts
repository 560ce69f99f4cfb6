import { printable } from '../../active-response/printable.ts';
import type { Arguments } from '../arguments.ts';
import type { Option } from '../verb.ts';

/** How much of a person's reason is kept, in characters. */
const REASON_LENGTH = 200;

export const REASON_OPTION: Option = { value: 'TEXT', text: 'why, for the ledger and for history' };
export const DRY_RUN_OPTION: Option = { text: 'say what would be done, and do nothing' };

/** What --reason says, on one line and not too long; undefined when it says nothing. */
export function reasonOf(given: Arguments): string | undefined {
  const text = given.value('reason')?.trim();
  return text ? printable(text.slice(0, REASON_LENGTH)) : undefined;
}
