import { EX, RiposteError } from '../../base/errors.ts';
import type { Option } from '../option.ts';

/** The alert level from which Riposte's own ossec.conf.d responds. */
const DEFAULT_LEVEL = 10;

/** The option of every verb that decides about blocks. */
export const LEVEL_OPTION: Option = {
  value: 'N',
  text: `alerts of level N and higher block their source (default ${DEFAULT_LEVEL})`,
};

/** @throws RiposteError (USAGE) when the text is not a level */
export function levelOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_LEVEL;
  const level = Number(text);
  if (/^\d{1,2}$/.test(text) && level > 0) return level;
  throw new RiposteError(EX.USAGE, `--level is a rule's level, 1 to 16, not '${text}'`);
}
