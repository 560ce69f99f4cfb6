import { join } from 'node:path';
import type { Home } from '../../active-response/home.ts';
import type { MailSettings } from '../../active-response/settings/mail-settings.ts';
import { EX, RiposteError } from '../../base/errors.ts';
import { readPrivateValues } from '../../base/private-file.ts';
import { isSafeUrl } from '../../base/safe-url.ts';

/**
 * Secrets that only root may read: the mail server's login, and the webhook's URL, because any client that knows the
 * URL can post.
 */
export interface Credentials {
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly webhookUrl?: string | undefined;
}

const KEYS = ['USER', 'PASSWORD', 'WEBHOOK_URL'];

/** The path of the credentials file. */
export const credentialsFile = (
  { root }: Home,
  { mailCredentials }: Pick<MailSettings, 'mailCredentials'>,
): string => mailCredentials || join(root, 'etc/riposte.mail');

/**
 * Reads the credentials file; returns no credentials when it is missing.
 *
 * @throws RiposteError (CONFIG) when another account can read or owns the file, and for an unknown line; the message
 * never contains a value
 */
export function readCredentials(file: string): Credentials {
  const values = readPrivateValues(file, KEYS);
  if (values === undefined) return {};
  const [user, password, webhookUrl] = KEYS.map((key) => values[key]);
  if ((user === undefined) !== (password === undefined))
    throw refusal(file, `has ${user ? 'a USER and no PASSWORD' : 'a PASSWORD and no USER'}`);
  if (webhookUrl !== undefined && !isSafeUrl(webhookUrl))
    throw refusal(file, 'has a WEBHOOK_URL that is not an https:// URL (http:// on this host alone)');
  return { user, password, webhookUrl };
}

const refusal = (file: string, why: string): RiposteError => new RiposteError(EX.CONFIG, `${file} ${why}`);
