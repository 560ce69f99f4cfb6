import type { Home } from '../../active-response/home.ts';
import type { MailSettings } from '../../active-response/settings/mail-settings.ts';
import { credentialsFile, readCredentials } from './credentials.ts';

/**
 * Returns the recipients of alerts: mail addresses, and the host of the webhook. Empty when none is configured.
 *
 * @throws RiposteError (CONFIG) for a credentials file that must not be used
 */
export function recipientsOf(home: Home, settings: MailSettings): string[] {
  const { webhookUrl } = readCredentials(credentialsFile(home, settings));
  return [...settings.mailTo, ...(webhookUrl ? [new URL(webhookUrl).host] : [])];
}
