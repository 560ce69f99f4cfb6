import type { Swept } from '../../active-response/carry-out.ts';
import { EX, type ExitCode, RiposteError } from '../../active-response/errors.ts';
import { channelsOf } from '../../active-response/notify/channels.ts';
import { nobody } from '../../active-response/notify/nobody.ts';
import { retryFailed } from '../../active-response/notify/spool.ts';
import { describeSpool } from '../../active-response/notify/spool-table.ts';
import { testChannel } from '../../active-response/notify/test-message.ts';
import { describeOutcome } from '../../active-response/outcome.ts';
import { loadMailSettings } from '../../active-response/settings/mail-settings.ts';
import { HOME_OPTION, homeOf } from '../home.ts';
import { EMAIL_ALERT, sendWaiting } from '../notify/send-waiting.ts';
import { demandRoot } from '../root.ts';
import type { Io, Verb } from '../verb.ts';

/** riposte mail: what is told to people, and whether it gets there. */
export const mail: Verb = {
  summary: 'show the messages that wait, send them, or send a test message',
  operands: '',
  options: {
    test: { text: 'send a test message at once, and print what the server says' },
    send: { text: 'send what waits now; riposte sweep does it, too' },
    retry: { text: 'have what a server has refused for good wait again, and send it' },
    ...HOME_OPTION,
  },
  notes:
    'Without an option: what waits, and what was refused, with the reason. To whom and by what server: MAIL_TO and MAIL_SERVER in riposte.conf; name, password and webhook in etc/riposte.mail, which only root may read. What MAIL_RATE holds back goes in one digest.',
  examples: [
    ['riposte mail --test', 'whether mails get out, and what the server says'],
    ['riposte mail', 'what waits, and why'],
  ],

  async run(given, io) {
    if (given.rest.length > 0) throw new RiposteError(EX.USAGE, `mail takes no '${given.rest[0]}'`);
    const [isTest, sends, retries] = ['test', 'send', 'retry'].map((name) => given.flag(name));
    const home = homeOf(given, io);
    demandRoot('mail');
    if (isTest) {
      const channels = channelsOf(home, loadMailSettings(home.settings), io.env);
      if (channels.length === 0) throw nobody(home);
      const codes: ExitCode[] = [];
      for (const channel of channels) codes.push(await test(channel, io));
      return codes.find((code) => code !== EX.OK) ?? EX.OK;
    }
    if (retries) io.out(`${retryFailed(home)} messages wait again`);
    if (!sends && !retries) {
      io.out(describeSpool(home));
      return EX.OK;
    }
    return sendWaiting(home, io, (each) => say(each, io));
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

function say({ outcome, exitCode }: Swept, io: Io): void {
  const line = describeOutcome(EMAIL_ALERT, outcome);
  if (exitCode === EX.OK) io.out(line);
  else io.err(`${line}\n`);
}
