import { printable } from '../../base/printable.ts';
import type { Message } from '../message/message-title.ts';
import { type Channel, type Delivery, Unreachable } from '../queue/delivery.ts';

/** The webhook's time limit, in milliseconds. */
const PATIENCE = 30_000;
/** The longest text, in characters; Slack cuts at 40,000, others sooner. */
const LONGEST = 6000;

/** A webhook that accepts `{"text": …}` by POST: Slack's, Mattermost's, Rocket.Chat's. */
export function webhookChannel(url: string): Channel {
  const { host } = new URL(url);
  return {
    name: 'webhook',
    recipients: [host],
    server: host, // never the whole URL: every client that knows it can post
    deliver: ({ messageId }, message) => post(url, host, messageId, message),
    check: async () => `${host} is not contacted before there is an alert to send`,
  };
}

/**
 * Formats a message for Slack. An attacker writes half of the text, so `<`, `>` and `&` (`<!channel>`, links) are
 * escaped, and so are backquotes, three of which end a literal block.
 */
export function slackText({ subject, text }: Message): string {
  const cut = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  return `*${escaped(subject.replaceAll('*', '∗'))}*\n\`\`\`\n${escaped(cut)}\n\`\`\``;
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('`', 'ˋ');

async function post(url: string, host: string, messageId: string, message: Message): Promise<Delivery> {
  const response = await fetch(url, {
    method: 'POST',
    // A service that knows the header drops a duplicate.
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': messageId },
    body: JSON.stringify({ text: slackText(message) }),
    redirect: 'manual',
    signal: AbortSignal.timeout(PATIENCE),
  }).catch((error: Error & { cause?: { code?: string; message?: string } }) => {
    const { code, message: why } = error.cause ?? {};
    const neverSent = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'].includes(
      code ?? '',
    );
    throw new Unreachable(`${host}: ${printable(why || code || error.message, 200)}`, !neverSent);
  });
  const answer = await response.text().catch(() => '');
  const said = printable(`HTTP ${response.status} ${answer.trim().slice(0, 200)}`.trim(), 300);
  if (response.ok) return { accepted: [host], refused: {}, deferred: {}, said };
  // A wrong URL needs the administrator, and a server error is temporary: both concern every message.
  if (response.status === 400 || response.status === 413)
    return { accepted: [], refused: { [host]: said }, deferred: {}, said };
  throw new Unreachable(`${host} answers ${said}`);
}
