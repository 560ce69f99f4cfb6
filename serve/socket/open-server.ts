import type { ListenOptions, Server } from 'node:net';
import { EX, RiposteError } from '../../base/errors.ts';

/** The place of a server, and the steps of its start and its end. */
interface Opening {
  readonly at: ListenOptions;
  /** The place in words, for messages. */
  readonly place: string;
  /** Lets clients in when the server listens. */
  admit(): void;
  /** Ends all open connections when the server closes. */
  endConnections(): void;
  /** Called once, when the server has closed or could not open. */
  release(): void;
}

/**
 * Makes a server listen until it is closed.
 *
 * @throws RiposteError (CANTCREAT) when it cannot listen; the errors of `admit`
 */
export async function openServer(
  server: Server,
  { at, place, admit, endConnections, release }: Opening,
): Promise<{ close(): Promise<void> }> {
  try {
    await listening(server, at, place);
    admit();
  } catch (error) {
    server.close();
    release();
    throw error;
  }
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          release();
          resolve();
        });
        endConnections();
      }),
  };
}

function listening(server: Server, at: ListenOptions, place: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(new RiposteError(EX.CANTCREAT, `cannot listen at ${place}: ${error.message}`)),
    );
    server.listen(at, () => {
      // Later errors are about single connections that could not be accepted.
      server.removeAllListeners('error').on('error', () => {});
      resolve();
    });
  });
}
