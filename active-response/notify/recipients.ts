import type { Home } from '../home.ts';
import type { MailSettings } from '../settings/mail-settings.ts';
import { credentialsFile, readCredentials } from './credentials.ts';

/**
 * Whom alerts are told to: mail addresses, and the host of the webhook. Empty when nobody is to be told.
 *
 * @throws RiposteError (CONFIG) for a file of credentials that must not be used
 */
export function recipientsOf(home: Home, settings: MailSettings): string[] {
  const { webhookUrl } = readCredentials(credentialsFile(home, settings));
  return [...settings.mailTo, ...(webhookUrl ? [new URL(webhookUrl).host] : [])];
}
