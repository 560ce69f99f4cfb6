import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { debugError } from '../../base/debug.ts';
import { EX, RiposteError } from '../../base/errors.ts';
import { CONTENT_TYPE } from '../../metrics/exposition.ts';
import { claimSocket, openToDirectorysGroup } from '../socket/directory.ts';

/** The time limits for a client's request, and for an idle connection, in milliseconds. */
const REQUEST = 5_000;
const IDLE = 60_000;
/** The most connections at a time. A further one is closed at once. */
const CONNECTIONS = 16;

/**
 * Answers GET /metrics, for this host only, until it is closed.
 *
 * @param listen as in METRICS_LISTEN: `127.0.0.1:9749`, `[::1]:9749` or the absolute path of a socket
 * @param metrics returns the text
 * @throws RiposteError (CANTCREAT) when it cannot listen there, (TEMPFAIL) while another process does
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
  try {
    await listening(server, listen);
    if (place) openToDirectorysGroup(place);
  } catch (error) {
    server.close();
    place?.release();
    throw error;
  }
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          place?.release();
          resolve();
        });
        server.closeAllConnections();
      }),
  };
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
  else if (method !== 'GET' && method !== 'HEAD') say(405, 'Only GET is answered.\n', { Allow: 'GET, HEAD' });
  else {
    try {
      say(200, await metrics(), { 'Content-Type': CONTENT_TYPE });
    } catch (error) {
      debugError(error);
      say(500, `a defect in Riposte: ${error instanceof Error ? error.message : error}\n`);
    }
  }
}

function listening(server: Server, listen: string): Promise<void> {
  const [, host, port] = /^\[?([^\]]+)\]?:(\d+)$/.exec(listen) ?? [];
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(new RiposteError(EX.CANTCREAT, `cannot listen at ${listen} (METRICS_LISTEN): ${error.message}`)),
    );
    server.listen(listen.startsWith('/') ? { path: listen } : { host, port: Number(port) }, () => {
      // Later errors are about single connections that could not be accepted.
      server.removeAllListeners('error').on('error', () => {});
      resolve();
    });
  });
}
