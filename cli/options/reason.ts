import { printable } from '../../base/printable.ts';
import type { Arguments } from '../arguments.ts';
import type { Option } from '../option.ts';

/** The longest reason that is kept, in characters. */
const REASON_LENGTH = 200;

export const REASON_OPTION: Option = { value: 'TEXT', text: 'why, for the ledger and for history' };
export const DRY_RUN_OPTION: Option = { text: 'show the changes, and make none' };

/** The text of --reason, on one line and cut; undefined when empty. */
export function reasonOf(given: Arguments): string | undefined {
  const text = given.value('reason')?.trim();
  return text ? printable(text.slice(0, REASON_LENGTH)) : undefined;
}
