import { Worker } from 'node:worker_threads';
import { EX, RiposteError } from '../../active-response/errors.ts';
import type { ResidentStart } from './resident-worker.ts';

/**
 * Starts the thread that answers scripts, and waits until it does.
 *
 * @param program the file of this program @throws RiposteError (IOERR) when it ends before
 */
export async function readyWorker(program: string, start: ResidentStart): Promise<Worker> {
  // Node would close at its end what it has opened and its socket has closed, by number: another thread's by then.
  const worker = new Worker(program, { workerData: start, trackUnmanagedFds: false });
  try {
    await new Promise((ready, fail) => {
      worker.once('message', ready);
      worker.once('error', fail);
      worker.once('exit', () => fail(new Error('the thread that answers scripts has ended at once')));
    });
  } catch (error) {
    throw new RiposteError(EX.IOERR, (error as Error).message);
  }
  return worker;
}
