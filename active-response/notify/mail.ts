import MailComposer from 'nodemailer/lib/mail-composer';
import type { Message } from './message.ts';

/** A mail, before it is written down. */
export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly messageId: string;
  /** When the first of its alerts came. */
  readonly date: Date;
  readonly message: Message;
}

/** A mail as it goes over the wire. Names of headers are ours, and what stands in them nodemailer encodes. */
export function writeMail({ from, to, messageId, date, message }: Mail): Promise<Buffer> {
  const composer = new MailComposer({
    from: { name: 'Riposte', address: from },
    to: to.map((address) => ({ name: '', address })),
    subject: message.subject,
    text: message.text,
    messageId,
    date,
    // Nobody's holiday notice shall answer (RFC 3834).
    headers: { 'Auto-Submitted': 'auto-generated' },
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return composer.compile().build();
}
