import { EX, RiposteError } from '../errors.ts';
import type { Home } from '../home.ts';

/** The error where no message is wanted by anybody. */
export function nobody({ settings: [file] }: Pick<Home, 'settings'>): RiposteError {
  return new RiposteError(
    EX.CONFIG,
    `there is nobody to tell: set MAIL_TO in ${file}, or WEBHOOK_URL in the file of MAIL_CREDENTIALS`,
  );
}
