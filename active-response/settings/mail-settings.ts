import { loadTable, type SettingsFile } from './load.ts';
import { setting, type ValuesOf } from './settings.ts';
import { level, mailAddress, mailAddresses, mailServer, path, rate, webhookBody } from './values.ts';

/**
 * The settings of riposte.conf for mail, whose keys begin with MAIL_. They are in a table of their own: the scripts
 * that block do not carry or read them, so a wrong setting never prevents a block.
 */
export const MAIL_SETTINGS = {
  mailTo: setting({
    key: 'MAIL_TO',
    fallback: '',
    initial: [],
    parse: mailAddresses,
    form: 'mail addresses with commas between them',
    means: 'the recipients of alerts by mail from email-alert.js, riposte serve and scan; empty: none',
  }),
  mailFrom: setting({
    key: 'MAIL_FROM',
    fallback: '',
    initial: '',
    parse: mailAddress,
    form: 'a mail address',
    means: 'the sender of these mails; empty: riposte@ this host',
  }),
  mailServer: setting({
    key: 'MAIL_SERVER',
    fallback: 'sendmail',
    initial: 'sendmail',
    parse: mailServer,
    form: 'sendmail, a program like it, or smtp://HOST:PORT, smtps://HOST:PORT, smtp+plain://HOST:PORT',
    means: 'the mail server; smtp demands STARTTLS, except on this host; smtp+plain never encrypts',
    isRoots: true,
  }),
  mailLevel: setting({
    key: 'MAIL_LEVEL',
    fallback: '0',
    initial: 0,
    parse: level,
    form: 'a rule level from 0 to 16',
    means: 'alerts below this level are not sent',
  }),
  mailRate: setting({
    key: 'MAIL_RATE',
    fallback: '10/1h',
    initial: { count: 10, seconds: 3600 },
    parse: rate,
    form: 'a number and a time such as 10/1h',
    means: 'the number of messages at once; the rest waits for a digest (10/1h: one every six minutes)',
  }),
  mailCredentials: setting({
    key: 'MAIL_CREDENTIALS',
    fallback: '',
    initial: '',
    parse: path,
    form: 'an absolute path',
    means: 'the file that only root reads: USER, PASSWORD, WEBHOOK_URL; <home>/etc/riposte.mail when empty',
    isRoots: true,
  }),
  mailWebhookBody: setting({
    key: 'MAIL_WEBHOOK_BODY',
    fallback: 'slack',
    initial: 'slack',
    parse: webhookBody,
    form: 'slack, json, or an absolute path',
    means: 'the JSON for the webhook: {"text": …} as Slack’s, all values by name, or by a template in a file',
    isRoots: true,
  }),
  mailCa: setting({
    key: 'MAIL_CA',
    fallback: '',
    initial: '',
    parse: path,
    form: 'an absolute path',
    means:
      'certificates (PEM) for checking the mail server, if no public authority has signed its certificate',
    isRoots: true,
  }),
};

/** The values of all mail settings. Times are in seconds. */
export type MailSettings = ValuesOf<typeof MAIL_SETTINGS>;

/**
 * Loads the mail settings. Skips lines about other settings.
 *
 * @param ignore takes the message for a wrong line, which is then ignored; without it, a wrong line is an error
 * @throws RiposteError (CONFIG) naming file, line and key; (USAGE) naming the flag
 */
export function loadMailSettings(
  files: readonly SettingsFile[],
  flags: ReadonlyMap<string, string> = new Map(),
  ignore?: (message: string) => void,
): MailSettings {
  return loadTable(MAIL_SETTINGS, files, flags, ignore);
}
