import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { debugError } from '../../base/debug.ts';
import { CONTENT_TYPE } from '../../metrics/exposition.ts';
import { claimSocket, openToDirectorysGroup } from '../socket/directory.ts';
import { openServer } from '../socket/open-server.ts';

/** The time limits for a client's request, and for an idle connection, in milliseconds. */
const REQUEST = 5_000;
const IDLE = 60_000;
/** The most connections at a time. A further connection is closed at once. */
const CONNECTIONS = 16;

/**
 * Answers GET /metrics, for this host only, until it is closed.
 *
 * @param listen as in METRICS_LISTEN: `127.0.0.1:9749`, `[::1]:9749` or the absolute path of a socket
 * @param metrics returns the text
 * @throws RiposteError (CANTCREAT) when it cannot listen there, (TEMPFAIL) while another process listens there
 */
export async function serveMetrics(
  listen: string,
  metrics: () => Promise<string>,
): Promise<{ close(): Promise<void> }> {
  const server = createServer(
    {
      requestTimeout: REQUEST,
      headersTimeout: REQUEST,
      connectionsCheckingInterval: 1000,
      maxHeaderSize: 8192,
    },
    (request, response) => answer(request, response, metrics),
  );
  server.maxConnections = CONNECTIONS;
  server.timeout = IDLE;
  const place = listen.startsWith('/') ? claimSocket(listen) : undefined;
  const [, host, port] = /^\[?([^\]]+)\]?:(\d+)$/.exec(listen) ?? [];
  return openServer(server, {
    at: place ? { path: listen } : { host, port: Number(port) },
    place: `${listen} (METRICS_LISTEN)`,
    admit: () => place && openToDirectorysGroup(place),
    endConnections: () => server.closeAllConnections(),
    release: () => place?.release(),
  });
}

async function answer(
  { method = '', url = '' }: IncomingMessage,
  response: ServerResponse,
  metrics: () => Promise<string>,
): Promise<void> {
  const say = (status: number, text: string, headers = {}) =>
    response
      .writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', Connection: 'close', ...headers })
      .end(method === 'HEAD' ? undefined : text);
  if (url.split('?', 1)[0] !== '/metrics') say(404, 'There is only /metrics here.\n');
  else if (method !== 'GET' && method !== 'HEAD')
    say(405, 'Riposte answers only GET.\n', { Allow: 'GET, HEAD' });
  else {
    try {
      say(200, await metrics(), { 'Content-Type': CONTENT_TYPE });
    } catch (error) {
      debugError(error);
      say(500, `a defect in Riposte: ${error instanceof Error ? error.message : error}\n`);
    }
  }
}
