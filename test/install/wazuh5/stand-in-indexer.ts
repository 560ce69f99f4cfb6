import { randomUUID } from 'node:crypto';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type Answer, type Received, refuse } from './stand-in-answer.ts';
import { ContentManager } from './stand-in-content.ts';
import { OtherPlugins } from './stand-in-plugins.ts';

export const PASSWORD = 'correct horse';

/** A test's function that replaces an answer. If it returns `undefined`, the stand-in answers as usual. */
export type Interception = (
  received: Received,
  count: number,
) =>
  | Answer
  | 'close'
  | 'close after'
  | { readonly raw: string; readonly type?: string; readonly location?: string; readonly status?: number }
  | undefined;

/**
 * Stands for an indexer of Wazuh 5: answers as the content manager's API description and source say (branch 5.0.1),
 * refuses a wrong order, a wrong shape and unknown fields as the content manager does, and records all requests.
 */
export class StandInIndexer {
  readonly content = new ContentManager();
  readonly plugins = new OtherPlugins();
  readonly received: Received[] = [];
  intercept: Interception = () => undefined;
  url = '';
  #close: () => void = () => undefined;

  async start(tls?: { readonly key: string; readonly cert: string }): Promise<this> {
    const handler = (request: IncomingMessage, response: ServerResponse) => {
      void this.#handle(request, response);
    };
    const server = tls === undefined ? createHttpServer(handler) : createHttpsServer(tls, handler);
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    this.url = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.#close = () => {
      server.closeAllConnections();
      server.close();
    };
    return this;
  }

  stop(): void {
    this.#close();
  }

  /** The requests that change something, as `POST /path`. */
  changes(): string[] {
    return this.received
      .filter(({ method, path }) => method !== 'GET' && !/\/_search$|\/logtest$/.test(path))
      .map(({ method, path }) => `${method} ${path}`);
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const received: Received = {
      method: request.method ?? '',
      path: request.url ?? '',
      type: request.headers['content-type'],
      body: Buffer.concat(pieces).toString('utf8'),
    };
    this.received.push(received);
    const instead = this.intercept(received, this.received.length);
    if (instead === 'close') {
      request.socket.destroy();
      return;
    }
    if (instead !== undefined && instead !== 'close after' && 'raw' in instead) {
      const { raw, type = 'text/html', location, status = 200 } = instead;
      response.writeHead(status, { 'Content-Type': type, ...(location === undefined ? {} : { location }) });
      response.end(raw);
      return;
    }
    const isKnown = request.headers.authorization === `Basic ${btoa(`admin:${PASSWORD}`)}`;
    const answer =
      instead === undefined || instead === 'close after'
        ? isKnown
          ? this.#answer(received)
          : { status: 401, body: 'Unauthorized' }
        : instead;
    if (instead === 'close after') {
      request.socket.destroy();
      return;
    }
    const isText = typeof answer.body === 'string';
    response.writeHead(answer.status, { 'Content-Type': isText ? 'text/plain' : 'application/json' });
    response.end(isText ? (answer.body as string) : JSON.stringify(answer.body));
  }

  #answer(received: Received): Answer {
    try {
      const path = new URL(received.path, 'http://localhost');
      return path.pathname.startsWith('/wazuh-threatintel-') || path.pathname.includes('/_content_manager/')
        ? this.content.answer(received, path)
        : this.plugins.answer(received, path);
    } catch (error) {
      return refuse(500, `Internal Server Error. ${(error as Error).message}`);
    }
  }
}

export const newId = (): string => randomUUID();
