import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request to the stand-in. */
export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** An HTTP server on loopback that takes the place of a LAPI. */
export class StandIn {
  /** The requests so far. */
  readonly asked: Asked[] = [];

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  /** @param answer answers each request, after its body was read */
  static async start(answer: (asked: Asked, ...how: Parameters<RequestListener>) => void): Promise<StandIn> {
    const server = createServer(async (request, response) => {
      let body = '';
      for await (const piece of request) body += piece;
      const { method = '', url = '', headers } = request;
      const asked = { method, url, headers, body };
      at.asked.push(asked);
      answer(asked, request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const at = new StandIn(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return at;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
