import { resolve } from 'node:path';
import { EX, RiposteError } from '../../base/errors.ts';
import { fileError, readBytesIfThere } from '../../base/files.ts';
import { printable } from '../../base/printable.ts';
import { LONGEST_PACK } from '../../evaluate/rule-pack/pack.ts';

/** The time limit of a download, in milliseconds. */
const PATIENCE = 60_000;
const MOST_REDIRECTS = 3;

/**
 * Reads a pack from a file, or from a URL with http: or https:. Follows redirects within the same host alone.
 *
 * @throws RiposteError (DATAERR) for one that is too long, (UNAVAILABLE) for a server that does not give it, (USAGE) for
 * another kind of URL, (IOERR, NOPERM) for a file that cannot be read
 */
export async function fetchPack(source: string): Promise<Buffer> {
  if (/^https?:\/\//i.test(source)) return download(urlOf(source));
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(source))
    throw new RiposteError(EX.USAGE, `${printable(source, 200)}: only http:// and https:// can be fetched`);
  const file = resolve(source);
  const bytes = readBytesIfThere(file, { longest: LONGEST_PACK, followsLinks: true });
  if (bytes === undefined) throw fileError('read', file, Object.assign(new Error(), { code: 'ENOENT' }));
  return bytes;
}

function urlOf(text: string): URL {
  try {
    return new URL(text);
  } catch {
    throw new RiposteError(EX.USAGE, `${printable(text, 200)} is no URL`);
  }
}

async function download(first: URL): Promise<Buffer> {
  const signal = AbortSignal.timeout(PATIENCE);
  let url = first;
  try {
    for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
      const response = await fetch(url, { redirect: 'manual', signal });
      const to = response.headers.get('location');
      if (response.status < 300 || response.status >= 400 || to === null) return await bodyOf(response, url);
      await response.body?.cancel();
      url = redirected(url, to);
    }
  } catch (error) {
    if (error instanceof RiposteError) throw error;
    const { cause, message } = error as Error & { cause?: { message?: string; code?: string } };
    const why = cause?.message || cause?.code || message;
    throw new RiposteError(EX.UNAVAILABLE, `${url.href}: ${printable(why, 200)}; nothing was changed`);
  }
  throw new RiposteError(EX.UNAVAILABLE, `${first.href} redirects again and again; nothing was changed`);
}

/** @throws RiposteError (UNAVAILABLE) for another host or protocol: its pack would come from elsewhere than asked */
function redirected(from: URL, to: string): URL {
  const url = new URL(to, from);
  if (url.host === from.host && url.protocol === from.protocol) return url;
  throw new RiposteError(
    EX.UNAVAILABLE,
    `${from.href} redirects to ${printable(url.origin, 200)}: name that URL if you trust it; nothing was changed`,
  );
}

async function bodyOf(response: Response, { href }: URL): Promise<Buffer> {
  if (!response.ok || response.body === null)
    throw new RiposteError(
      EX.UNAVAILABLE,
      `${href} answers with status ${response.status}; nothing was changed`,
    );
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > LONGEST_PACK)
      throw new RiposteError(
        EX.DATAERR,
        `${href} has more than ${LONGEST_PACK / 1024 / 1024} MB; nothing was changed`,
      );
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
