import { addressesIn } from '../../../base/address.ts';
import { debug } from '../../../base/debug.ts';
import { EX, RiposteError } from '../../../base/errors.ts';
import { jsonObjectIn } from '../../../base/json.ts';
import { printable } from '../../../base/printable.ts';
import { retryAfter } from '../../../base/retry-after.ts';
import type { Item } from './items.ts';

/** The time limit of one request, in milliseconds. */
const PATIENCE = 20_000;

/** The longest answer, in bytes: a page has 500 items. */
const LONGEST = 4 * 1024 * 1024;

/** The number of items on a page, and in one operation. */
const [PAGE, BATCH] = [500, 1000];

/** The maximum number of pages of a list: far more than any list at Cloudflare has. */
const PAGES = 2000;

/** The list, and the token for it. */
export interface ListAccess {
  /** The address of the API, without a slash at the end. */
  readonly url: string;
  readonly token: string;
  readonly account: string;
  readonly list: string;
}

/** An error after which a later attempt may succeed. */
export class Later extends RiposteError {
  /**
   * @param seconds the minimum time to wait
   * @param isUsual true if nothing has failed: Cloudflare is busy, or has asked to wait
   */
  constructor(
    message: string,
    readonly seconds: number,
    readonly isUsual = false,
  ) {
    super(EX.TEMPFAIL, message);
  }
}

interface Answer {
  readonly result: unknown;
  readonly result_info?: { readonly cursors?: { readonly after?: string } };
}

/**
 * A list of a Cloudflare account. An operation on items is asynchronous, and Cloudflare runs one operation at a time
 * for an account: until that operation has ended, another request gets 429.
 *
 * Source: https://developers.cloudflare.com/waf/tools/lists/lists-api/
 */
export class CloudflareList {
  readonly #base: string;

  /**
   * @param wait waits this many seconds, or throws when there is no time for it
   */
  constructor(
    private readonly access: ListAccess,
    private readonly wait: (seconds: number) => Promise<void>,
  ) {
    this.#base = `/accounts/${encodeURIComponent(access.account)}/rules/lists`;
  }

  /** All items with an address. @throws RiposteError */
  async items(): Promise<Item[]> {
    const items: Item[] = [];
    let cursor = '';
    for (let page = 0; page < PAGES; page++) {
      const { result, result_info } = await this.#ask('GET', `${this.#items}?per_page=${PAGE}${cursor}`);
      items.push(...listOf(result).flatMap(itemIn));
      const after = result_info?.cursors?.after;
      if (!after) return items;
      cursor = `&cursor=${encodeURIComponent(after)}`;
    }
    throw new RiposteError(EX.UNAVAILABLE, `Cloudflare: the list has more than ${PAGE * PAGES} items`);
  }

  /** Adds items, and waits until each operation has ended. @param done called after each operation */
  async add(ips: readonly string[], comment: string, done: (ips: readonly string[]) => void): Promise<void> {
    for (const some of batches(ips)) {
      const items = some.map((ip) => ({ ip, comment }));
      await this.#operate('POST', items);
      done(some);
    }
  }

  /** Removes items, and waits until each operation has ended. @param done called after each operation */
  async remove(all: readonly Item[], done: (items: readonly Item[]) => void): Promise<void> {
    for (const some of batches(all)) {
      await this.#operate('DELETE', { items: some.map(({ id }) => ({ id })) });
      done(some);
    }
  }

  get #items(): string {
    return `${this.#base}/${encodeURIComponent(this.access.list)}/items`;
  }

  async #operate(method: 'POST' | 'DELETE', body: unknown): Promise<void> {
    const { result } = await this.#ask(method, this.#items, body);
    const id = textOf(result, 'operation_id');
    if (id === undefined) throw new RiposteError(EX.UNAVAILABLE, 'Cloudflare: the answer names no operation');
    for (let pause = 0.5; ; pause = Math.min(pause * 1.5, 5)) {
      const { result: operation } = await this.#ask(
        'GET',
        `${this.#base}/bulk_operations/${encodeURIComponent(id)}`,
      );
      const status = textOf(operation, 'status');
      if (status === 'completed') return;
      if (status === 'failed') {
        const why = textOf(operation, 'error') ?? 'no reason given';
        throw new RiposteError(EX.UNAVAILABLE, `Cloudflare: the operation failed: ${printable(why, 200)}`);
      }
      if (status !== 'pending' && status !== 'running')
        throw new RiposteError(
          EX.UNAVAILABLE,
          `Cloudflare: operation ${printable(id, 40)} has no known status`,
        );
      await this.wait(pause);
    }
  }

  async #ask(method: string, path: string, body?: unknown): Promise<Answer> {
    const { url, token } = this.access;
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: 'error', // another host must not get the token
      signal: AbortSignal.timeout(PATIENCE),
    }).catch((error: Error) => {
      throw new Later(`Cloudflare does not answer: ${reasonOf(error)}`, 1);
    });
    const { status } = response;
    const text = await textIn(response);
    debug('cloudflare', () => ({ method, path, body, status, text }));
    const what = `${method} ${path}: HTTP ${status}`;
    if (status === 429) {
      const seconds = retryAfter(response.headers.get('retry-after'), Date.now()) ?? 0;
      throw new Later(
        `Cloudflare: ${what}: too many requests`,
        seconds > 0 ? Math.min(seconds, 3600) : 5,
        true,
      );
    }
    if (status >= 500) throw new Later(`Cloudflare: ${what}`, 5);
    const answer = jsonObjectIn(text);
    if (answer === undefined)
      throw new RiposteError(EX.UNAVAILABLE, `Cloudflare: ${what}: the answer is not a JSON object`);
    if (answer.success === true) return answer as unknown as Answer;
    const [error] = listOf(answer.errors);
    const why = textOf(error, 'message') ?? 'no reason given';
    const denied = status === 401 || status === 403;
    throw new RiposteError(
      denied ? EX.NOPERM : EX.UNAVAILABLE,
      `Cloudflare: ${what}: ${printable(why, 200)}${denied ? '; check CLOUDFLARE_TOKEN_FILE' : ''}`,
    );
  }
}

/** The body of an answer. @throws Later when it ends early, RiposteError when it is too long */
async function textIn({ body }: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const part of body ?? []) {
      length += part.length;
      if (length > LONGEST) break;
      parts.push(part);
    }
  } catch (error) {
    throw new Later(`Cloudflare’s answer ended early: ${reasonOf(error as Error)}`, 1);
  }
  if (length > LONGEST)
    throw new RiposteError(EX.UNAVAILABLE, `Cloudflare: the answer is longer than ${LONGEST} bytes`);
  return Buffer.concat(parts).toString();
}

const reasonOf = ({ message, cause }: Error): string =>
  printable(
    cause instanceof Error ? cause.message || String((cause as NodeJS.ErrnoException).code) : message,
    200,
  );

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

function textOf(value: unknown, name: string): string | undefined {
  const found = (value as Record<string, unknown> | null | undefined)?.[name];
  return typeof found === 'string' && found !== '' ? found : undefined;
}

/** Skips an item without an address, such as a host name. */
function itemIn(value: unknown): Item[] {
  const [id, [address]] = [textOf(value, 'id'), addressesIn(textOf(value, 'ip'))];
  return id && address ? [{ id, ip: address.text, comment: textOf(value, 'comment') ?? '' }] : [];
}

function batches<T>(all: readonly T[]): T[][] {
  const count = Math.ceil(all.length / BATCH);
  return Array.from({ length: count }, (_, index) => all.slice(index * BATCH, (index + 1) * BATCH));
}
