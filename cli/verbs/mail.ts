import { describeOutcome } from '../../active-response/record/outcome.ts';
import type { Result } from '../../active-response/record/result.ts';
import { loadMailSettings } from '../../active-response/settings/mail-settings.ts';
import { counted } from '../../base/counted.ts';
import { EX, type ExitCode, RiposteError } from '../../base/errors.ts';
import type { Io } from '../../base/io.ts';
import { waitingText } from '../../notify/abuseipdb/abuse-text.ts';
import { channelsOf } from '../../notify/channel/channels.ts';
import { noRecipientsError } from '../../notify/channel/no-recipients-error.ts';
import { testChannel } from '../../notify/message/test-message.ts';
import { EMAIL_ALERT, sendWaiting } from '../../notify/queue/send-waiting.ts';
import { retryFailed } from '../../notify/queue/spool.ts';
import { describeSpool } from '../../notify/queue/spool-table.ts';
import { ABUSEIPDB, sendReports } from '../../serve/abuseipdb/send-reports.ts';
import { HOME_OPTION, homeOf } from '../options/home.ts';
import { demandRoot } from '../root.ts';
import type { Verb } from '../verb.ts';

/** riposte mail: shows, sends and tests messages to people. */
export const mail: Verb = {
  summary: 'show the messages that wait, send them, or send a test message',
  operands: '',
  options: {
    test: { text: 'send a test message at once, and print the server’s answer' },
    send: { text: 'send the waiting messages and reports to AbuseIPDB now; riposte sweep does it, too' },
    retry: { text: 'requeue the messages that a server has refused for good, and send them' },
    ...HOME_OPTION,
  },
  notes:
    'Without an option: the waiting and the refused messages, with the reason. Set recipients and server by MAIL_TO and MAIL_SERVER in riposte.conf; name, password and webhook in etc/riposte.mail, which only root may read. Messages beyond MAIL_RATE are combined in one digest.',
  examples: [
    ['riposte mail --test', 'check that the mail server accepts mail, and see its answer'],
    ['riposte mail', 'list the waiting messages, and the reasons'],
  ],

  async run(given, io) {
    if (given.rest.length > 0) throw new RiposteError(EX.USAGE, `mail takes no '${given.rest[0]}'`);
    const [isTest, sends, retries] = ['test', 'send', 'retry'].map((name) => given.flag(name));
    const home = homeOf(given, io);
    demandRoot('mail');
    if (isTest) {
      const channels = channelsOf(home, loadMailSettings(home.settings), io.env);
      if (channels.length === 0) throw noRecipientsError(home);
      const codes: ExitCode[] = [];
      for (const channel of channels) codes.push(await test(channel, io));
      return codes.find((code) => code !== EX.OK) ?? EX.OK;
    }
    if (retries) io.out(`queued again: ${counted(retryFailed(home), 'message')}`);
    if (!sends && !retries) {
      for (const text of [describeSpool(home), waitingText(home)]) if (text !== undefined) io.out(text);
      return EX.OK;
    }
    const code = await sendWaiting(home, io, (each) => say(EMAIL_ALERT, each, io));
    return (await sendReports(home, io, (each) => say(ABUSEIPDB, each, io))) || code;
  },
};

async function test(channel: Parameters<typeof testChannel>[0], io: Io): Promise<ExitCode> {
  const { lines, isDelivered } = await testChannel(channel);
  for (const line of lines) {
    if (isDelivered) io.out(line);
    else io.err(`${line}\n`);
  }
  return isDelivered ? EX.OK : EX.UNAVAILABLE;
}

function say(name: string, { outcome, exitCode }: Result, io: Io): void {
  const line = describeOutcome(name, outcome);
  if (exitCode === EX.OK) io.out(line);
  else io.err(`${line}\n`);
}
