import { createServer } from 'node:net';
import { Connection } from './socket/connection.ts';
import { openToGroup, prepareDirectory } from './socket/directory.ts';
import { groupId } from './socket/group.ts';
import type { ListenOptions } from './socket/listen-options.ts';
import { openServer } from './socket/open-server.ts';
import { RateLimit } from './socket/rate-limit.ts';

/**
 * Listens for the reports of unprivileged programs, such as ModSecurity's hook, until it is closed. A client sends one
 * JSON line:
 *
 *     {"verb":"report","address":"203.0.113.9","method":"GET","uri":"/x","id":"…","rule":"999004","message":"…"}
 *     {"verb":"ping"}
 *
 * The answer is `{"ok":true}` or `{"ok":false,"reason":"…"}`. A report needs verb and address; its other fields are
 * optional. For any other line the server answers with a reason and closes the connection.
 *
 * @throws RiposteError (TEMPFAIL) while another process listens there; (NOPERM, CANTCREAT, CONFIG) when the directory,
 * socket or group cannot be used
 */
export async function listenForReports(options: ListenOptions): Promise<{ close(): Promise<void> }> {
  const gid = options.group === undefined ? undefined : groupId(options.group);
  const place = prepareDirectory(options.directory);
  const open = new Set<Connection>();
  const perSecond = new RateLimit(options.limits.reports);
  const server = createServer((socket) => {
    const [oldest] = open.size < options.limits.connections ? [] : open;
    // Drop the oldest connection: its client has had the most time to report.
    oldest?.drop('crowded');
    const connection = new Connection(socket, options, perSecond);
    open.add(connection);
    socket.on('close', () => open.delete(connection));
  });
  return openServer(server, {
    at: { path: place.socket },
    place: place.socket,
    admit: () => openToGroup(place, gid),
    endConnections: () => {
      for (const connection of open) connection.end();
    },
    release: () => place.release(),
  });
}
