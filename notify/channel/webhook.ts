import { printable } from '../../base/printable.ts';
import { type Channel, type Delivery, Unreachable } from '../queue/delivery.ts';
import type { WebhookBody } from './webhook-body.ts';

/** The webhook's time limit, in milliseconds. */
const PATIENCE = 30_000;

/** A webhook that accepts JSON by POST. @param bodyOf makes the JSON */
export function webhookChannel(url: string, bodyOf: WebhookBody): Channel {
  const { host } = new URL(url);
  return {
    name: 'webhook',
    recipients: [host],
    server: host, // not the whole URL, because any client that knows it can post
    deliver: ({ messageId, notices }, message) => post(url, host, messageId, bodyOf(message, notices)),
    check: async () => `Riposte contacts ${host} only to send an alert`,
  };
}

async function post(url: string, host: string, messageId: string, body: unknown): Promise<Delivery> {
  const response = await fetch(url, {
    method: 'POST',
    // A service that supports this header drops a duplicate.
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': messageId },
    body: JSON.stringify(body),
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
  // Only these two answers refuse the message itself. A wrong URL or a server error concerns every message.
  if (response.status === 400 || response.status === 413)
    return { accepted: [], refused: { [host]: said }, deferred: {}, said };
  throw new Unreachable(`${host} answers ${said}`);
}
