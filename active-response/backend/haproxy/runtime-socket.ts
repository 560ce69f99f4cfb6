import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { debug } from '../../../base/debug.ts';
import { EX, RiposteError } from '../../../base/errors.ts';

/**
 * The thread that speaks to the socket. The caller waits for the thread, because backends work synchronously. HAProxy
 * answers one request on each connection, and then closes the connection. The thread's program is text, so that a
 * script stays one file.
 */
const THREAD = `
const { connect } = require('node:net');
const { workerData: { port, signal } } = require('node:worker_threads');
const ask = (path, text, limit) => new Promise((resolve, reject) => {
  let said = '';
  const socket = connect(path);
  socket.setEncoding('utf8').setTimeout(limit, () => socket.destroy(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })));
  socket.on('data', (part) => { said += part; }).on('end', () => resolve(said)).on('error', reject);
  socket.on('close', () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
  socket.write(text + '\\n');
});
port.on('message', async ({ path, requests, limit }) => {
  const answer = { said: [] };
  try {
    for (const text of requests) answer.said.push(await ask(path, text, limit));
  } catch ({ code, message }) {
    answer.failure = code ?? message;
  }
  port.postMessage(answer);
  Atomics.store(signal, 0, 1);
  Atomics.notify(signal, 0);
});
`;

interface Line {
  readonly port: MessagePort;
  readonly signal: Int32Array;
}

let line: Line | undefined;

/** Starts the thread once in a process. It does not keep the process alive. */
function open(): Line {
  const { port1, port2 } = new MessageChannel();
  const signal = new Int32Array(new SharedArrayBuffer(4));
  new Worker(THREAD, {
    eval: true,
    workerData: { port: port2, signal },
    transferList: [port2],
    execArgv: [],
  }).unref();
  port1.unref();
  return { port: port1, signal };
}

/**
 * Sends requests to HAProxy's runtime socket, one after the other, and waits for the answers.
 *
 * @param seconds the time limit of each request
 * @throws RiposteError (UNAVAILABLE, NOPERM, TEMPFAIL) when HAProxy does not answer
 */
export function askHaproxy(path: string, requests: readonly string[], seconds: number): string[] {
  line ??= open();
  const { port, signal } = line;
  Atomics.store(signal, 0, 0);
  port.postMessage({ path, requests, limit: seconds * 1000 });
  const ended = Atomics.wait(signal, 0, 0, (requests.length + 1) * seconds * 1000);
  const answer = receiveMessageOnPort(port)?.message as { said: string[]; failure?: string } | undefined;
  debug('haproxy', () => ({ path, requests: requests.slice(0, 20), answer }));
  if (ended === 'timed-out' || answer === undefined) {
    line = undefined; // a late answer must not count as the answer to the next request
    throw failureOf(path, 'ETIMEDOUT', seconds);
  }
  if (answer.failure !== undefined) throw failureOf(path, answer.failure, seconds);
  return answer.said;
}

function failureOf(path: string, code: string, seconds: number): RiposteError {
  const [exitCode, why] =
    code === 'EACCES' || code === 'EPERM'
      ? ([EX.NOPERM, 'permission denied (run as root?)'] as const)
      : code === 'ETIMEDOUT'
        ? ([EX.TEMPFAIL, `no answer in ${seconds} s (COMMAND_TIMEOUT)`] as const)
        : ([EX.UNAVAILABLE, REASONS[code] ?? code] as const);
  return new RiposteError(exitCode, `HAProxy’s socket ${path}: ${why}`);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT:
    'the socket does not exist; start HAProxy with “stats socket PATH level admin”, or set HAPROXY_SOCKET',
  ENOTDIR: 'the socket does not exist; set HAPROXY_SOCKET',
  ECONNREFUSED: 'nothing listens there; is HAProxy running?',
  ECONNRESET: 'HAProxy closed the connection; “show errors” and its log may say why',
  ENOTSOCK: 'it is not a socket; set HAPROXY_SOCKET',
};
