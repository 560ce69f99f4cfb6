import type { IncomingMessage } from 'node:http';
import { EX, RiposteError } from './errors.ts';
import { describeFailure, readAnswer, sendRequest } from './http-request.ts';
import { printable } from './printable.ts';
import { isSafeUrl, shownUrl } from './safe-url.ts';

/** The longest silence of a server, and the time limit of a download, in milliseconds. */
const SILENCE = 30_000;
const PATIENCE = 300_000;

/** The maximum number of redirects to follow. */
const MOST_REDIRECTS = 5;

/** The marks of a version of a file, by which a server knows whether the file has changed. */
export interface VersionMarks {
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
}

/** A downloaded file. */
export interface Download extends VersionMarks {
  /** Undefined when the file has not changed since the given marks. */
  readonly bytes: Buffer | undefined;
}

/**
 * Downloads a file over HTTPS, or over HTTP from this host. Follows redirects only to the same host, because the
 * administrator has chosen that host.
 *
 * @param longest the longest file to accept, in bytes
 * @param known the marks of the version that is known already
 * @throws RiposteError (USAGE) for a URL of another kind, (UNAVAILABLE, TEMPFAIL) when the server does not send the
 * file; a message names the host, but not the rest of the URL, which may hold a key
 */
export async function download(url: string, longest: number, known: VersionMarks = {}): Promise<Download> {
  if (!isSafeUrl(url))
    throw new RiposteError(
      EX.USAGE,
      `${shownUrl(url)} is not an https:// URL (http:// is accepted for this host only, because others on the network could change the file)`,
    );
  const { host } = new URL(url);
  const headers = {
    ...(known.etag === undefined ? {} : { 'If-None-Match': known.etag }),
    ...(known.lastModified === undefined ? {} : { 'If-Modified-Since': known.lastModified }),
  };
  try {
    const answer = await follow(url, host, headers);
    const { etag, 'last-modified': lastModified } = answer.headers;
    if (answer.statusCode === 304) {
      answer.resume();
      return { ...known, bytes: undefined };
    }
    const bytes = await readAnswer(answer, longest);
    if (answer.statusCode === 200) return { bytes, etag, lastModified };
    const isTemporary = answer.statusCode === 429 || (answer.statusCode ?? 0) >= 500;
    throw new RiposteError(
      isTemporary ? EX.TEMPFAIL : EX.UNAVAILABLE,
      `${host} does not send the file: HTTP ${answer.statusCode} ${printable(answer.statusMessage ?? '', 60)}`.trimEnd(),
    );
  } catch (error) {
    if (error instanceof RiposteError) throw error;
    const { kind, why } = describeFailure(error, PATIENCE);
    const isTemporary = kind === 'slow' || kind === 'lost';
    throw new RiposteError(isTemporary ? EX.TEMPFAIL : EX.UNAVAILABLE, `${host}: ${why}`);
  }
}

async function follow(
  start: string,
  host: string,
  headers: Readonly<Record<string, string>>,
): Promise<IncomingMessage> {
  let url = start;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const answer = await sendRequest({ url, headers, silence: SILENCE, patience: PATIENCE });
    const { statusCode = 0, headers: answered } = answer;
    if (![301, 302, 303, 307, 308].includes(statusCode)) return answer;
    answer.destroy();
    const next = new URL(answered.location ?? '', url);
    if (next.host !== host || !isSafeUrl(next.href))
      throw new RiposteError(
        EX.UNAVAILABLE,
        `${host} redirects to ${printable(next.origin, 100)}, which is not followed: give the URL of that host if you trust it`,
      );
    url = next.href;
  }
  throw new RiposteError(EX.UNAVAILABLE, `${host} redirects more than ${MOST_REDIRECTS} times`);
}
