import { printable } from '../printable.ts';
import { type Channel, type Delivery, Unreachable } from './delivery.ts';
import type { Message } from './message.ts';

/** How long a webhook may take, in milliseconds. */
const PATIENCE = 30_000;
/** How long a text may be, in characters; Slack cuts at 40,000, others sooner. */
const LONGEST = 6000;

/** A webhook that takes `{"text": …}` by POST: Slack's, Mattermost's, Rocket.Chat's. */
export function webhookChannel(url: string): Channel {
  const { host } = new URL(url);
  return {
    name: 'webhook',
    recipients: [host],
    server: host, // never the whole URL: who knows it may write there
    deliver: ({ messageId }, message) => post(url, host, messageId, message),
    check: async () => `${host} is asked only when there is something to tell`,
  };
}

/**
 * The message as Slack shows it. `<`, `>` and `&` mean something to it (`<!channel>`, links), and three backquotes
 * end the block that shows a text as it is: an attacker writes half of this text.
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
    // A service that knows the header takes a message that comes twice for one.
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
  // A wrong URL is for root to mend, and a server's own trouble passes: both concern every message.
  if (response.status === 400 || response.status === 413)
    return { accepted: [], refused: { [host]: said }, deferred: {}, said };
  throw new Unreachable(`${host} answers ${said}`);
}
