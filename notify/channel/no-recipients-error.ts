import type { Home } from '../../active-response/home.ts';
import { EX, RiposteError } from '../../base/errors.ts';

/** The error when no recipient is configured. */
export function noRecipientsError({ settings: [file] }: Pick<Home, 'settings'>): RiposteError {
  return new RiposteError(
    EX.CONFIG,
    `no recipient of messages is set; set MAIL_TO in ${file}, or WEBHOOK_URL in the file of MAIL_CREDENTIALS`,
  );
}
