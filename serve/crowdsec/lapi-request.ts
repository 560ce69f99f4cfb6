import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { EX, RiposteError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import { VERSION } from '../../base/version.ts';
import { ListScanner } from './list-scanner.ts';

/** The longest answer, in bytes: about a million decisions. The rest of a longer one is not read. */
const LONGEST_LIST = 256 * 1024 * 1024;

/** The longest answer that is no list of decisions. */
const LONGEST = 1024 * 1024;

/** How long a LAPI may be silent, in milliseconds: for a large list its database takes a while. */
const SILENCE = 60_000;

/** How long an answer may take as a whole, in milliseconds. */
const PATIENCE = 300_000;

/** A request to a LAPI. */
export interface LapiRequest {
  /** The whole URL. */
  readonly url: string;
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Certificates (PEM) instead of the public authorities. */
  readonly ca?: string | undefined;
  /** Takes the objects of an answer that is an object of lists, by the key of the list, while it is read. */
  readonly onItem?: (key: string, item: unknown) => void;
  /** Takes the address that the LAPI has answered from. */
  readonly onPeer?: (address: string) => void;
}

/** The answer of a LAPI: its status, and its JSON, undefined if the body is none. */
export interface LapiAnswer {
  readonly status: number;
  /** For an answer with `onItem`: the keys of its lists. */
  readonly json: unknown;
  /** The beginning of the body, for messages. */
  readonly text: string;
}

/**
 * Sends a request, and reads the answer up to a limit. Does not follow redirects: another host must not get the key, and
 * must not decide whom this host blocks.
 *
 * @throws RiposteError (UNAVAILABLE) when the LAPI cannot be reached, cannot be verified, redirects, or answers too much
 */
export async function askLapi(request: LapiRequest): Promise<LapiAnswer> {
  const { origin } = new URL(request.url);
  try {
    const answer = await send(request);
    const status = answer.statusCode ?? 0;
    if (status >= 300 && status < 400) {
      answer.destroy();
      const to = printable(answer.headers.location ?? 'nowhere', 100);
      throw refusal(origin, `redirects to ${to}, which is not followed: set CROWDSEC_URL to the LAPI itself`);
    }
    if (request.onItem && status === 200)
      return { status, ...(await listsIn(bounded(answer, LONGEST_LIST, origin), request.onItem)) };
    const pieces: Buffer[] = [];
    for await (const piece of bounded(answer, LONGEST, origin)) pieces.push(piece);
    const bytes = Buffer.concat(pieces);
    return { status, json: jsonIn(bytes), text: printable(bytes.toString('utf8', 0, 200).trim(), 120) };
  } catch (error) {
    if (error instanceof RiposteError) throw error;
    throw refusal(origin, whyOf(error as NodeJS.ErrnoException));
  }
}

/** The error of a LAPI whose answer cannot be used. */
export const refusal = (origin: string, why: string): RiposteError =>
  new RiposteError(EX.UNAVAILABLE, `CrowdSec's LAPI at ${origin}: ${why}`);

function send({ url, method = 'GET', headers, body, ca, onPeer }: LapiRequest): Promise<IncomingMessage> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const send = url.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const sent = send(url, {
      method,
      // A new connection each time: a LAPI that has moved is found at its new address.
      agent: false,
      headers: {
        ...headers,
        // A LAPI refuses the login of a machine whose program names no version (middlewares/v1/jwt.go).
        'User-Agent': `riposte/${VERSION}`,
        ...(text === undefined
          ? {}
          : { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(text)) }),
      },
      timeout: SILENCE,
      signal: AbortSignal.timeout(PATIENCE),
      ...(ca === undefined ? {} : { ca }),
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${SILENCE / 1000} s`)));
    sent.on('error', reject);
    sent.on('response', (answer) => {
      onPeer?.(answer.socket.remoteAddress ?? '');
      resolve(answer);
    });
    sent.end(text);
  });
}

async function* bounded(answer: IncomingMessage, longest: number, origin: string): AsyncGenerator<Buffer> {
  let length = 0;
  for await (const piece of answer as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > longest) {
      answer.destroy();
      throw refusal(origin, `its answer is longer than ${longest >> 20} MB`);
    }
    yield piece;
  }
}

/** Reads an answer to its end, and takes its objects as long as it is an object of lists. */
async function listsIn(
  body: AsyncIterable<Buffer>,
  onItem: NonNullable<LapiRequest['onItem']>,
): Promise<Pick<LapiAnswer, 'json' | 'text'>> {
  const scanner = new ListScanner(onItem);
  const decoder = new TextDecoder();
  let text = '';
  for await (const piece of body) {
    const some = decoder.decode(piece, { stream: true });
    if (text.length < 200) text += some.slice(0, 200);
    try {
      scanner.scan(some);
    } catch {
      return { json: undefined, text: printable(text.trim(), 120) };
    }
  }
  const json = scanner.isComplete ? Object.fromEntries(scanner.keys.map((key) => [key, true])) : undefined;
  return { json, text: printable(text.trim(), 120) };
}

function jsonIn(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}

/** Codes of certificates that cannot be verified. */
const UNVERIFIED = /CERT|SIGNATURE|SELF_SIGNED|ISSUER|TLS/;

function whyOf({ code = '', message, name }: NodeJS.ErrnoException): string {
  if (name === 'AbortError' || name === 'TimeoutError') return `no whole answer within ${PATIENCE / 1000} s`;
  const why = printable(message || code, 200);
  return UNVERIFIED.test(code)
    ? `its certificate cannot be verified (${why}): name its authority in CROWDSEC_CA`
    : why;
}
