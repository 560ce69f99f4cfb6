/**
 * Sends requests byte for byte, because curl cannot. Reads a JSON list of RawRequest from standard input, and prints a
 * JSON list of the server's answers, as latin1, in the same order.
 */
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import type { RawRequest } from './raw-requests.ts';

/** The number of connections that are open at once. */
const AT_ONCE = 8;

/** The time to wait for the server to end a connection, in milliseconds. */
const PATIENCE = 30_000;

/** The number of bytes of an answer that are kept. */
const KEPT = 512;

const requests: RawRequest[] = JSON.parse(await text(process.stdin));
const answers: string[] = [];
let next = 0;
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (let index = next++; index < requests.length; index = next++) {
      const request = requests[index];
      if (request !== undefined) answers[index] = await send(request);
    }
  }),
);
process.stdout.write(JSON.stringify(answers));

/** Sends one request. Leaves the connection open: a half-closed connection would make nginx abort its proxied requests. */
function send({ from, to, port, bytes, serverName }: RawRequest): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const target = { host: to, port, localAddress: from };
    const isTls = serverName !== undefined;
    // The lab's certificate is self-signed, and the name is forged.
    const tls = { ...target, servername: serverName, rejectUnauthorized: false };
    const socket = isTls ? connectTls(tls) : connect(target);
    socket.setTimeout(PATIENCE, () => socket.destroy());
    socket.on(isTls ? 'secureConnect' : 'connect', () => socket.write(Buffer.from(bytes, 'base64')));
    socket.on('data', (data) => {
      if (answer.length < KEPT) answer += data.toString('latin1').slice(0, KEPT);
    });
    // A server that refuses a request may reset the connection while the rest of the request is on its way.
    socket.on('error', (error) => {
      if (socket.bytesWritten === 0) reject(error);
    });
    socket.on('close', () => resolve(answer));
  });
}
