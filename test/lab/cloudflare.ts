import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { isIPv6 } from 'node:net';
import { StandInService, type TakenRequest } from './stand-in-service.ts';

/** An item of the list, as the API returns it. */
export interface ListItem {
  readonly id: string;
  readonly ip: string;
  readonly comment: string;
}

export const ACCOUNT = '0123456789abcdef0123456789abcdef';
export const LIST = 'fedcba9876543210fedcba9876543210';
export const TOKEN = 'a-token_for.tests';

/** The number of items on a page: small, so that a test needs few items for several pages. */
const PAGE = 3;

type Operation = { polls: number; work: () => boolean; error: string | undefined };

/**
 * The Lists API of Cloudflare as its documentation describes it: a change of items is an asynchronous operation. While
 * the account has an unfinished operation, the API answers another change with 429. It lists items in pages, by cursor.
 *
 * Source: https://developers.cloudflare.com/waf/tools/lists/lists-api/
 */
export class CloudflareServer extends StandInService {
  readonly items = new Map<string, ListItem>();
  /** `METHOD PATH` and the time of each request, in milliseconds. */
  readonly requests: { readonly what: string; readonly time: number }[] = [];
  /** The number of polls until an operation ends. */
  polls = 1;
  /** The error of the next operations. */
  operationError: string | undefined;
  /** The highest number of items on the list. An operation that would exceed it fails. */
  mostItems = 10_000;
  /** The server answers `count` further requests with 429, and with these seconds in Retry-After. */
  refusals = { count: 0, seconds: 1 };
  /** The server makes this many further changes, but sends no answer to them. */
  lostAnswers = 0;
  readonly #operations = new Map<string, Operation>();

  get url(): string {
    return `${this.origin}/client/v4`;
  }

  get ips(): string[] {
    return [...this.items.values()].map(({ ip }) => ip).sort();
  }

  add(ip: string, comment: string): void {
    const old = [...this.items.values()].find((item) => item.ip === ip);
    const id = old?.id ?? randomUUID();
    this.items.set(id, { id, ip, comment });
  }

  count(method: string): number {
    return this.requests.filter(({ what }) => what.startsWith(method)).length;
  }

  /** Forgets all operations, as the server does after a time. */
  endOperations(): void {
    this.#operations.clear();
  }

  protected note(what: string): void {
    this.requests.push({ what, time: Date.now() });
  }

  protected async answer(
    { method, headers, pathname, searchParams, body }: TakenRequest,
    response: ServerResponse,
  ): Promise<void> {
    if (headers.authorization !== `Bearer ${TOKEN}`) return refuse(response, 403, 'Authentication error');
    if (this.refusals.count > 0) {
      this.refusals.count--;
      response.setHeader('retry-after', String(this.refusals.seconds));
      return refuse(response, 429, 'More than 1200 requests per 300 seconds reached');
    }
    const lists = `/client/v4/accounts/${ACCOUNT}/rules/lists`;
    const operation = this.#operations.get(pathname.slice(`${lists}/bulk_operations/`.length));
    if (operation && pathname.startsWith(`${lists}/bulk_operations/`))
      return succeed(response, { result: this.#poll(operation) });
    if (pathname !== `${lists}/${LIST}/items`) return refuse(response, 404, 'could not find list');
    if (method === 'GET') return this.#page(response, searchParams);
    if ([...this.#operations.values()].some(({ polls }) => polls > 0)) {
      response.setHeader('retry-after', '1');
      return refuse(response, 429, 'a bulk operation is in progress');
    }
    this.#change(method, JSON.parse(body), response);
  }

  #poll(operation: Operation) {
    operation.polls--;
    if (operation.polls > 0) return { id: 'x', status: 'running' };
    if (operation.error !== undefined) return { id: 'x', status: 'failed', error: operation.error };
    if (!operation.work()) return { id: 'x', status: 'failed', error: 'the list is full' };
    return { id: 'x', status: 'completed' };
  }

  #page(response: ServerResponse, search: URLSearchParams): void {
    const from = Number(search.get('cursor') ?? 0);
    const all = [...this.items.values()];
    const after = from + PAGE < all.length ? String(from + PAGE) : undefined;
    succeed(response, { result: all.slice(from, from + PAGE), result_info: { cursors: { after } } });
  }

  #change(method: string, body: unknown, response: ServerResponse): void {
    const added = method === 'POST' ? (body as { ip: string; comment: string }[]) : [];
    const wrong = added.find(({ ip }) => !isTaken(ip));
    if (wrong) {
      refuse(response, 400, `${wrong.ip} is not a valid item`);
      return;
    }
    let isDone = false;
    const work = () => {
      if (isDone) return true;
      if (added.filter(({ ip }) => !this.ips.includes(ip)).length + this.items.size > this.mostItems)
        return false;
      isDone = true;
      for (const { ip, comment } of added) this.add(ip, comment);
      if (method === 'DELETE')
        for (const { id } of (body as { items: { id: string }[] }).items) this.items.delete(id);
      return true;
    };
    const id = randomUUID();
    this.#operations.set(id, { polls: this.polls, work, error: this.operationError });
    if (this.lostAnswers > 0) {
      this.lostAnswers--;
      work();
      this.#operations.clear();
      response.destroy();
    } else succeed(response, { result: { operation_id: id } });
  }
}

/** False for a single IPv6 address, because Cloudflare's older documentation allows only prefixes from /12 to /64. */
function isTaken(ip: string): boolean {
  const [address = '', prefix] = ip.split('/');
  return isIPv6(address) ? Number(prefix) >= 12 && Number(prefix) <= 64 : true;
}

function succeed(response: ServerResponse, more: object): void {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ success: true, errors: [], messages: [], ...more }));
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.statusCode = status;
  response.end(JSON.stringify({ success: false, errors: [{ code: 10000, message }], result: null }));
}
