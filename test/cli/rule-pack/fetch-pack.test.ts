import { writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fetchPack } from '../../../cli/rule-pack/fetch-pack.ts';
import { LONGEST_PACK } from '../../../evaluate/rule-pack/pack.ts';
import { temporaryDirectory } from '../../active-response/support.ts';

const test = suite('download of a pack');
let answer: RequestListener;
let server: Server;
let url = '';
test.before(async () => {
  server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
test.after(() => {
  server.closeAllConnections();
  server.close();
});

const refused = (source: string) =>
  fetchPack(source).then(
    () => 'was not refused',
    (error: Error) => error.message,
  );

test('downloads a pack, and follows a redirect within the host', async () => {
  answer = (request, response) => {
    if (request.url === '/a') response.writeHead(302, { location: '/b' }).end();
    else response.end('pack');
  };
  assert.is((await fetchPack(`${url}/a`)).toString(), 'pack');
});

test('refuses a redirect to another host, and endless redirects', async () => {
  answer = (_, response) => response.writeHead(301, { location: 'http://192.0.2.1/x' }).end();
  assert.match(await refused(url), 'redirects to http://192.0.2.1, which is not followed');
  answer = (_, response) => response.writeHead(302, { location: '/again' }).end();
  assert.match(await refused(url), 'redirects more than 5 times');
});

test('refuses a download that is too long before it has read all of it', async () => {
  const piece = Buffer.alloc(65_536);
  answer = (_, response) => {
    const more = () => {
      while (!response.destroyed && response.write(piece));
    };
    response.on('drain', more);
    more();
  };
  assert.match(await refused(url), `longer than ${LONGEST_PACK / 1024 / 1024} MB`);
});

test('names the status of an error, and the reason why a server cannot be reached', async () => {
  answer = (_, response) => response.writeHead(404).end('<html>');
  assert.match(await refused(`${url}/none`), 'HTTP 404 Not Found; nothing was changed');
  assert.match(await refused('http://127.0.0.1:1/'), /127\.0\.0\.1:1.*nothing was changed/);
  assert.match(await refused('ftp://host/pack'), 'is not an https:// URL');
});

test('reads a pack from a file, and names a missing file or a file that is too long', async () => {
  const file = join(temporaryDirectory(), 'pack.json');
  assert.match(await refused(file), file);
  writeFileSync(file, 'pack');
  assert.is((await fetchPack(file)).toString(), 'pack');
  writeFileSync(file, Buffer.alloc(LONGEST_PACK + 1));
  assert.match(await refused(file), file);
});

test.run();
