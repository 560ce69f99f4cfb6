import type { Home } from '../../active-response/home.ts';
import type { MailSettings } from '../../active-response/settings/mail-settings.ts';
import type { Channel } from '../queue/delivery.ts';
import { type Credentials, credentialsFile, readCredentials } from './credentials.ts';
import { defaultSender, mailServerOf } from './mail-server.ts';
import { sendByProgram, sendmailProgram } from './sendmail.ts';
import { webhookChannel } from './webhook.ts';
import { webhookBody } from './webhook-body.ts';

/**
 * Returns the configured channels; none when there are no recipients. Loads SMTP only when a mail is sent.
 *
 * @throws RiposteError (CONFIG) for wrong credentials, and for a wrong template of the webhook's body
 */
export function channelsOf(home: Home, settings: MailSettings, env: NodeJS.ProcessEnv): Channel[] {
  const credentials = readCredentials(credentialsFile(home, settings));
  return [
    ...(settings.mailTo.length > 0 ? [mailChannel(settings, credentials, env)] : []),
    ...(credentials.webhookUrl
      ? [webhookChannel(credentials.webhookUrl, webhookBody(settings.mailWebhookBody))]
      : []),
  ];
}

function mailChannel(settings: MailSettings, credentials: Credentials, env: NodeJS.ProcessEnv): Channel {
  const { mailTo, mailCa, mailServer } = settings;
  const from = settings.mailFrom || defaultSender();
  const server = mailServerOf(mailServer, mailCa !== '');
  return {
    name: 'mail',
    recipients: mailTo,
    server: mailServer,
    deliver: async ({ messageId, notices }, message, to) => {
      const date = new Date(notices[0]?.time ?? Date.now());
      // The header names all recipients, even when this try sends to only some of them.
      const { writeMail } = await import('./mail.ts');
      const bytes = await writeMail({ from, to: mailTo, messageId, date, message });
      return server.kind === 'program'
        ? sendByProgram(server.command, { from, to, bytes }, env)
        : (await import('./smtp.ts')).sendBySmtp(server, credentials, mailCa, { from, to, bytes });
    },
    check: async () =>
      server.kind === 'program'
        ? `${sendmailProgram(server.command, env.PATH)[0]} exists`
        : (await import('./smtp.ts')).checkSmtp(server, credentials, mailCa),
  };
}
