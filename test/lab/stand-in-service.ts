import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request with its whole body. */
export interface TakenRequest extends Pick<IncomingMessage, 'headers'> {
  readonly method: string;
  readonly pathname: string;
  readonly searchParams: URLSearchParams;
  readonly body: string;
}

/** An HTTP server on this machine's loopback in place of a service on the Internet. */
export abstract class StandInService {
  /** If a test sets this function, the function answers every request in place of `answer`. */
  instead: ((response: ServerResponse) => void) | undefined;
  readonly #server = createServer((request, response) => this.#take(request, response));

  /** Starts it on a free port. */
  static async start<Service extends StandInService>(this: new () => Service): Promise<Service> {
    const service = new this();
    await new Promise<void>((resolve) => service.#server.listen(0, '127.0.0.1', resolve));
    return service;
  }

  protected get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Records a request as soon as its head has arrived. @param what `METHOD PATH` */
  protected abstract note(what: string): void;

  protected abstract answer(request: TakenRequest, response: ServerResponse): Promise<void>;

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', headers } = request;
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://x');
    this.note(`${method} ${pathname}`);
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    if (this.instead) this.instead(response);
    else {
      const body = Buffer.concat(parts).toString();
      await this.answer({ method, headers, pathname, searchParams, body }, response);
    }
  }
}
