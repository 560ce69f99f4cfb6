import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { jsonIn } from './json.ts';
import { printable } from './printable.ts';
import { VERSION } from './version.ts';

/** A request over HTTP or HTTPS. */
export interface HttpRequest {
  readonly url: string;
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** Certificates (PEM) of the authorities to trust instead of the system's. */
  readonly ca?: string | undefined;
  /** The longest silence of the server, in milliseconds. */
  readonly silence: number;
  /** The time limit of the whole exchange, in milliseconds. */
  readonly patience: number;
}

/** The error of an answer that is longer than its reader accepts. */
export class TooLongAnswer extends Error {}

/** The error of a server that was silent for too long. */
class Silence extends Error {}

/**
 * Sends a request and resolves with the head of the answer. Follows no redirect. Opens a new connection each time, so that
 * a server that has moved is found at its new address.
 *
 * @throws the error of the connection; `describeFailure` explains it
 */
export function sendRequest({
  url,
  method = 'GET',
  headers,
  body,
  ca,
  silence,
  patience,
}: HttpRequest): Promise<IncomingMessage> {
  const open = url.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const sent = open(url, {
      method,
      agent: false,
      headers: {
        // A LAPI of CrowdSec refuses the login of a machine whose program names no version (middlewares/v1/jwt.go).
        'User-Agent': `riposte/${VERSION}`,
        ...headers,
        ...(body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }),
      },
      timeout: silence,
      signal: AbortSignal.timeout(patience),
      ...(ca === undefined ? {} : { ca }),
    });
    sent.on('timeout', () => sent.destroy(new Silence(`no answer within ${silence / 1000} s`)));
    sent.on('error', reject);
    sent.on('response', resolve);
    sent.end(body);
  });
}

/** The pieces of an answer's body. @throws TooLongAnswer; and the error of the connection */
export async function* boundedPieces(answer: IncomingMessage, longest: number): AsyncGenerator<Buffer> {
  let length = 0;
  for await (const piece of answer as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > longest) {
      answer.destroy();
      throw new TooLongAnswer(`its answer is longer than ${longest >> 20} MB`);
    }
    yield piece;
  }
}

/** The body of an answer. @throws as `boundedPieces` does */
export async function readAnswer(answer: IncomingMessage, longest: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of boundedPieces(answer, longest)) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** The JSON value of a body, undefined if the body is not JSON, and the beginning of the body for messages. */
export function jsonAnswer(bytes: Buffer): { json: unknown; text: string } {
  const text = printable(bytes.toString('utf8', 0, 200).trim(), 120);
  return { json: jsonIn(bytes.toString()), text };
}

/** Codes of certificates that cannot be verified. */
const UNVERIFIED = /CERT|SIGNATURE|SELF_SIGNED|ISSUER|ERR_TLS_|ERR_SSL_/;

/** The reason why an exchange failed. */
export interface Failure {
  /** Only the administrator can repair a certificate; a lost connection or a slow server may work later. */
  readonly kind: 'certificate' | 'slow' | 'lost' | 'unreachable' | 'too long';
  readonly why: string;
}

/** Describes an error of `sendRequest` or of reading its answer. @param patience the time limit of the request */
export function describeFailure(error: unknown, patience: number): Failure {
  const { code = '', name, message } = error as NodeJS.ErrnoException;
  const why = printable(message || code, 200);
  if (error instanceof TooLongAnswer) return { kind: 'too long', why };
  if (error instanceof Silence) return { kind: 'slow', why };
  if (name === 'AbortError' || name === 'TimeoutError')
    return { kind: 'slow', why: `no whole answer within ${patience / 1000} s` };
  if (UNVERIFIED.test(code))
    return { kind: 'certificate', why: `its certificate cannot be verified (${why})` };
  const isLost = ['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ETIMEDOUT'].includes(code);
  return { kind: isLost ? 'lost' : 'unreachable', why };
}
