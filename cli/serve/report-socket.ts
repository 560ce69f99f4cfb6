import { createServer, type Server } from 'node:net';
import { EX, RiposteError } from '../../active-response/errors.ts';
import { Connection } from './socket/connection.ts';
import { openToGroup, prepareDirectory } from './socket/directory.ts';
import { groupId } from './socket/group.ts';
import type { Limits } from './socket/limits.ts';
import { RateLimit } from './socket/rate-limit.ts';
import type { Report } from './socket/report.ts';

/** What became of a report: it is looked after, its address is never blocked, or there are too many. */
export type Verdict = 'accepted' | 'allowed' | 'limited';

export interface ListenOptions {
  /** The directory that the socket `report.sock` is in; made when missing, and ours alone to change. */
  readonly directory: string;
  /** The group, by name or number, that may report besides root; undefined: nobody else. */
  readonly group: string | number | undefined;
  readonly limits: Limits;
  readonly onReport: (report: Report) => Verdict;
  /** Counted up by what became of messages and connections. */
  readonly counters: Counters;
}

/** What became of messages and connections, for metrics. */
export type Counters = Record<Verdict | 'pings' | Drop, number>;

/** Why a connection was dropped. */
export type Drop = 'malformed' | 'oversized' | 'stalled' | 'hurried' | 'crowded' | 'unread';

export const newCounters = (): Counters => ({
  accepted: 0,
  allowed: 0,
  limited: 0,
  pings: 0,
  malformed: 0,
  oversized: 0,
  stalled: 0,
  hurried: 0,
  crowded: 0,
  unread: 0,
});

/**
 * Listens for the reports of unprivileged programs, such as ModSecurity's hook, until it is closed. One JSON
 * line each way:
 *
 *     {"verb":"report","address":"203.0.113.9","method":"GET","uri":"/x","id":"…","rule":"999004","message":"…"}
 *     {"verb":"ping"}
 *
 * answered by `{"ok":true}` or `{"ok":false,"reason":"…"}`. Only verb and address must be there. Whatever is
 * neither of the two is answered with a reason, and its connection is closed.
 *
 * @throws RiposteError TEMPFAIL while another process listens there; NOPERM, CANTCREAT or CONFIG when directory,
 * socket or group cannot be used
 */
export async function listenForReports(options: ListenOptions): Promise<{ close(): Promise<void> }> {
  const gid = options.group === undefined ? undefined : groupId(options.group);
  const place = prepareDirectory(options.directory);
  const open = new Set<Connection>();
  const perSecond = new RateLimit(options.limits.reports);
  const server = createServer((socket) => {
    const [oldest] = open.size < options.limits.connections ? [] : open;
    // The oldest makes place: whoever has something to say has said it by then.
    oldest?.drop('crowded');
    const connection = new Connection(socket, options, perSecond);
    open.add(connection);
    socket.on('close', () => open.delete(connection));
  });
  try {
    await listening(server, place.socket);
    openToGroup(place, gid);
  } catch (error) {
    server.close();
    place.release();
    throw error;
  }
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          place.release();
          resolve();
        });
        for (const connection of open) connection.end();
      }),
  };
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(new RiposteError(EX.CANTCREAT, `cannot listen at ${path}: ${error.message}`)),
    );
    server.listen(path, () => {
      // Later ones are of single connections that could not be accepted.
      server.removeAllListeners('error').on('error', () => {});
      resolve();
    });
  });
}
