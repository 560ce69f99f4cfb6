import { loadSettings } from './load.ts';
import { setting } from './settings.ts';
import { level, mailAddress, mailAddresses, mailServer, path, rate } from './values.ts';

/**
 * The settings of riposte.conf for telling people, whose keys begin with MAIL_. In a table of their own: the scripts
 * that block neither carry nor read them, and a wrong one keeps nobody from being blocked.
 */
export const MAIL_SETTINGS = {
  mailTo: setting({
    key: 'MAIL_TO',
    fallback: '',
    initial: [],
    parse: mailAddresses,
    form: 'mail addresses with commas between them',
    means: 'whom email-alert.js, riposte serve and riposte scan tell of alerts by mail; nobody when empty',
  }),
  mailFrom: setting({
    key: 'MAIL_FROM',
    fallback: '',
    initial: '',
    parse: mailAddress,
    form: 'a mail address',
    means: 'the sender of these mails; riposte@ this host when empty',
  }),
  mailServer: setting({
    key: 'MAIL_SERVER',
    fallback: 'sendmail',
    initial: 'sendmail',
    parse: mailServer,
    form: 'sendmail, a program like it, or smtp://HOST:PORT, smtps://HOST:PORT, smtp+plain://HOST:PORT',
    means: 'what takes the mails; smtp demands STARTTLS, but on this host, and smtp+plain never encrypts',
  }),
  mailLevel: setting({
    key: 'MAIL_LEVEL',
    fallback: '0',
    initial: 0,
    parse: level,
    form: 'a rule level from 0 to 16',
    means: 'alerts below this level are told to nobody',
  }),
  mailRate: setting({
    key: 'MAIL_RATE',
    fallback: '10/1h',
    initial: { count: 10, seconds: 3600 },
    parse: rate,
    form: 'a number and a time such as 10/1h',
    means: 'so many messages at once; what is more waits for a digest, with 10/1h one every six minutes',
  }),
  mailCredentials: setting({
    key: 'MAIL_CREDENTIALS',
    fallback: '',
    initial: '',
    parse: path,
    form: 'an absolute path',
    means: 'the file that only root reads: USER, PASSWORD, WEBHOOK_URL; <home>/etc/riposte.mail when empty',
  }),
  mailCa: setting({
    key: 'MAIL_CA',
    fallback: '',
    initial: '',
    parse: path,
    form: 'an absolute path',
    means: 'certificates (PEM) to check the mail server by, when its own is from no public authority',
  }),
};

/** The values of all of them. Times are in seconds. */
export type MailSettings = {
  [N in keyof typeof MAIL_SETTINGS]: NonNullable<ReturnType<(typeof MAIL_SETTINGS)[N]['parse']>>;
};

/**
 * The mail settings in force. Lines about anything else are not looked at.
 *
 * @param ignore takes the message for a wrong line, which then does not count; without it that is an error
 * @throws RiposteError (CONFIG) naming file, line and key; (USAGE) naming the flag
 */
export function loadMailSettings(
  files: readonly string[],
  flags: ReadonlyMap<string, string> = new Map(),
  ignore?: (message: string) => void,
): MailSettings {
  return loadSettings(files, flags, ignore, MAIL_SETTINGS) as unknown as MailSettings;
}
