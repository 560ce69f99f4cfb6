import type { IncomingMessage } from 'node:http';
import { EX, RiposteError } from '../../base/errors.ts';
import {
  boundedPieces,
  describeFailure,
  type HttpRequest,
  jsonAnswer,
  readAnswer,
  sendRequest,
} from '../../base/http-request.ts';
import { printable } from '../../base/printable.ts';
import { ListScanner } from './list-scanner.ts';

/** The longest answer, in bytes: about a million decisions. The rest of a longer answer is not read. */
const LONGEST_LIST = 256 * 1024 * 1024;

/** The longest answer that is not a list of decisions. */
const LONGEST = 1024 * 1024;

/** The longest silence of a LAPI, in milliseconds. Its database takes a while to read a large list. */
const SILENCE = 60_000;

/** The time limit of a whole answer, in milliseconds. */
const PATIENCE = 300_000;

/** A request to a LAPI. */
export interface LapiRequest {
  /** The whole URL. */
  readonly url: string;
  readonly method?: HttpRequest['method'];
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Certificates (PEM) instead of the public authorities. */
  readonly ca?: string | undefined;
  /**
   * For an answer that is an object of lists: called for each item of a list, with the list's key, while the answer is
   * read.
   */
  readonly onItem?: (key: string, item: unknown) => void;
  /** Called with the address from which the LAPI has answered. */
  readonly onPeer?: (address: string) => void;
}

/** The answer of a LAPI: its status, and its JSON; undefined if the body is not JSON. */
export interface LapiAnswer {
  readonly status: number;
  /** For an answer with `onItem`: the keys of its lists. */
  readonly json: unknown;
  /** The beginning of the body, for messages. */
  readonly text: string;
}

/**
 * Sends a request, and reads the answer up to a limit. Does not follow redirects, because another host must not get the
 * key, or decide which addresses this host blocks.
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
      return { status, ...(await listsIn(boundedPieces(answer, LONGEST_LIST), request.onItem)) };
    const bytes = await readAnswer(answer, LONGEST);
    return { status, ...jsonAnswer(bytes) };
  } catch (error) {
    if (error instanceof RiposteError) throw error;
    const { kind, why } = describeFailure(error, PATIENCE);
    throw refusal(
      origin,
      kind === 'certificate'
        ? `${why}: set CROWDSEC_CA to the file with the certificate of the LAPI's authority`
        : why,
    );
  }
}

/** The error of a LAPI whose answer cannot be used. */
export const refusal = (origin: string, why: string): RiposteError =>
  new RiposteError(EX.UNAVAILABLE, `CrowdSec's LAPI at ${origin}: ${why}`);

async function send({ url, method, headers, body, ca, onPeer }: LapiRequest): Promise<IncomingMessage> {
  const answer = await sendRequest({
    url,
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
    body: body === undefined ? undefined : JSON.stringify(body),
    ca,
    silence: SILENCE,
    patience: PATIENCE,
  });
  onPeer?.(answer.socket.remoteAddress ?? '');
  return answer;
}

/** Reads an object of lists to its end, and passes each item to `onItem`. Stops reading an answer of another form. */
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
