import MailComposer from 'nodemailer/lib/mail-composer';
import type { Message } from '../message/message-title.ts';

/** A mail before it is encoded. */
export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly messageId: string;
  /** The time of its first alert. */
  readonly date: Date;
  readonly message: Message;
}

/** Encodes a mail for sending. Header names are ours; nodemailer encodes their values. */
export function writeMail({ from, to, messageId, date, message }: Mail): Promise<Buffer> {
  const composer = new MailComposer({
    from: { name: 'Riposte', address: from },
    to: to.map((address) => ({ name: '', address })),
    subject: message.subject,
    text: message.text,
    messageId,
    date,
    // Suppresses automatic replies (RFC 3834).
    headers: { 'Auto-Submitted': 'auto-generated' },
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return composer.compile().build();
}
