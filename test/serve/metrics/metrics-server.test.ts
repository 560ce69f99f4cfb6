import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RiposteError } from '../../../base/errors.ts';
import { serveMetrics } from '../../../serve/metrics/metrics-server.ts';

const directory = mkdtempSync(join(tmpdir(), 'riposte-metrics-'));
const socketPath = join(directory, 'metrics.sock');
let server: { close(): Promise<void> } | undefined;
test.after.each(async () => {
  await server?.close();
  server = undefined;
});
test.after(() => rmSync(directory, { recursive: true }));

const listen = async (metrics = async () => 'x 1\n') => {
  server = await serveMetrics(socketPath, metrics);
};

/** Requests a path. @returns status, body and type */
function ask(
  path: string,
  method = 'GET',
): Promise<[status: number | undefined, body: string, type?: string]> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path, method }, async (response) => {
      let body = '';
      for await (const bytes of response) body += bytes;
      resolve([response.statusCode, body, response.headers['content-type']]);
    })
      .on('error', reject)
      .end();
  });
}

/** Connects a client that sends a text and leaves the connection open. */
function client(text: string): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect(socketPath, () => {
      socket.write(text);
      resolve(socket);
    });
    socket.on('error', () => {});
  });
}

test('answers GET and HEAD of /metrics, with or without a query', async () => {
  await listen();
  const type = 'text/plain; version=0.0.4; charset=utf-8';
  assert.equal(await ask('/metrics'), [200, 'x 1\n', type]);
  assert.equal(await ask('/metrics?x=/'), [200, 'x 1\n', type]);
  assert.equal(await ask('/metrics', 'HEAD'), [200, '', type]);
});

test('refuses other paths and methods', async () => {
  await listen();
  for (const path of ['/', '/metrics/', '/metrics/../etc/passwd', '//metrics', '*'])
    assert.is((await ask(path))[0], 404, path);
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'])
    assert.is((await ask('/metrics', method))[0], 405, method);
});

test('reports a defect, and continues', async () => {
  let isBroken = true;
  await listen(async () => {
    if (isBroken) throw new Error('out of it');
    return 'x 1\n';
  });
  assert.equal((await ask('/metrics')).slice(0, 2), [500, 'a defect in Riposte: out of it\n']);
  isBroken = false;
  assert.is((await ask('/metrics'))[0], 200);
});

test('drops clients that send no complete request, and soon answers other clients again', async () => {
  await listen();
  const texts = [
    '',
    'GET /metrics HTTP/1.1\r\nHost: x\r\n',
    'nonsense\r\n\r\n',
    `GET /${'x'.repeat(20_000)}`,
  ];
  const idle = await Promise.all(Array.from({ length: 40 }, (_, index) => client(texts[index % 4] ?? '')));
  const closed = Promise.all(idle.map((socket) => new Promise((resolve) => socket.once('close', resolve))));
  for (const socket of idle) socket.resume();
  await closed;
  assert.is((await ask('/metrics'))[0], 200);
});

test('closes without waiting for clients', async () => {
  await listen(() => new Promise(() => {}));
  const waiting = await client('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
  const closed = new Promise((resolve) => waiting.once('close', resolve));
  await server?.close();
  await closed;
  server = undefined;
});

test('refuses to listen when another server listens at the path, or when the path is a file', async () => {
  await listen();
  const refusal = async (path: string) => {
    const error = await serveMetrics(path, async () => '').catch((why) => why);
    assert.instance(error, RiposteError);
    return `${error.exitCode} ${error.message}`;
  };
  assert.is(await refusal(socketPath), `75 another process listens at ${socketPath}; end it first`);
  const file = join(directory, 'file.sock');
  writeFileSync(file, 'precious');
  assert.match(await refusal(file), `73 ${file} is not a socket`);
});

test.run();
