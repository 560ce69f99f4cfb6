import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { homeAt } from '../../../active-response/home.ts';
import { loadCrowdsecSettings } from '../../../active-response/settings/crowdsec-settings.ts';
import { EX, RiposteError } from '../../../base/errors.ts';
import { Lapi } from '../../../serve/crowdsec/lapi.ts';
import { type Asked, StandIn } from './stand-in.ts';

const test = suite('the client of a LAPI');
let root: string;
let server: StandIn | undefined;

const KEY = 'secret-key';
const NOTHING = '{"deleted":null,"new":null}';

test.before.each(() => {
  root = mkdtempSync(join(tmpdir(), 'riposte-lapi-client-'));
  mkdirSync(join(root, 'etc'));
  secret('riposte.crowdsec-key', KEY);
  secret('riposte.crowdsec-password', 'pass');
});
test.after.each(async () => {
  await server?.close();
  server = undefined;
  rmSync(root, { recursive: true });
});

function secret(name: string, text: string, mode = 0o600): void {
  writeFileSync(join(root, 'etc', name), `${text}\n`);
  chmodSync(join(root, 'etc', name), mode);
}

/** Starts a stand-in with these answers. @returns a client of the stand-in */
async function clientOf(answer: (asked: Asked, response: ServerResponse) => void): Promise<Lapi> {
  server = await StandIn.start((asked, _, response) => answer(asked, response));
  const settings = { ...loadCrowdsecSettings([]), crowdsecUrl: server.url, crowdsecMachine: 'web1' };
  return new Lapi(homeAt(root), settings);
}

const answering = (text: string, status = 200, headers = {}) =>
  clientOf((_, response) => response.writeHead(status, headers).end(text));

/** The error with which the work fails. */
async function errorOf(work: Promise<unknown>): Promise<RiposteError> {
  const error = await work.then(
    () => undefined,
    (thrown) => thrown,
  );
  assert.instance(error, RiposteError);
  assert.not.match(error.message, KEY);
  return error;
}

test('asks for every decision, even several about one address, and sends the key', async () => {
  const lapi = await answering(NOTHING);
  assert.equal(await lapi.stream(true), { added: [], deleted: [] });
  const [asked] = server?.asked ?? [];
  assert.is(asked?.url, '/v1/decisions/stream?startup=true&dedup=false&scopes=ip,range');
  assert.is(asked?.headers['x-api-key'], KEY);
  // Debian's LAPI refuses a machine's login without a version.
  assert.match(String(asked?.headers['user-agent']), /^riposte\/[^/ ]+$/);
  assert.equal([...lapi.peers], ['127.0.0.1']);
});

test('uses a new key at once, and gives advice about a refused key', async () => {
  const lapi = await clientOf((asked, response) => {
    const isKnown = asked.headers['x-api-key'] === 'new-key';
    response.writeHead(isKnown ? 200 : 403).end(isKnown ? NOTHING : '{"message":"access forbidden"}');
  });
  const refused = await errorOf(lapi.stream(true));
  assert.is(refused.exitCode, EX.CONFIG);
  assert.match(refused.message, /refuses the key in .*riposte\.crowdsec-key \(HTTP 403\)/);
  secret('riposte.crowdsec-key', 'new-key');
  await lapi.stream(true);
});

test('refuses a key that other users can read, and sends nothing without a key', async () => {
  const lapi = await answering(NOTHING);
  secret('riposte.crowdsec-key', KEY, 0o644);
  assert.match((await errorOf(lapi.stream(true))).message, /can be read by accounts other than root/);
  secret('riposte.crowdsec-key', 'two words');
  assert.match((await errorOf(lapi.stream(true))).message, /one line without spaces/);
  rmSync(join(root, 'etc/riposte.crowdsec-key'));
  assert.match((await errorOf(lapi.stream(true))).message, /there is no .*CROWDSEC_KEY_FILE/);
  assert.is(server?.asked.length, 0);
});

const HTML = '<html><body>Sign in</body></html>';
const WRONG: readonly [
  what: string,
  text: string,
  status: number,
  headers: Record<string, string>,
  says: RegExp,
][] = [
  ['HTML instead of JSON', HTML, 200, {}, /HTTP 200 and no JSON: '<html>.*check CROWDSEC_URL/],
  ['unexpected JSON', '{"message":"hello"}', 200, {}, /HTTP 200 and unexpected JSON/],
  ['a list instead of an object', '[{"new":[]}]', 200, {}, /HTTP 200 and/],
  ['an answer that ends early', '{"new":[{"id":1},{"id"', 200, {}, /HTTP 200 and no JSON/],
  ['an error of the server', 'oops', 502, {}, /HTTP 502: 'oops'/],
  ['an empty answer', '', 200, {}, /HTTP 200 and no JSON/],
  [
    'a redirect',
    '',
    302,
    { Location: 'http://192.0.2.9/steal' },
    /redirects to http:\/\/192\.0\.2\.9\/steal, which/,
  ],
];

for (const [what, text, status, headers, says] of WRONG)
  test(`refuses ${what}`, async () => {
    const lapi = await answering(text, status, headers);
    const error = await errorOf(lapi.stream(true));
    assert.is(error.exitCode, EX.UNAVAILABLE);
    assert.match(error.message, says);
    assert.is(server?.asked.length, 1);
  });

test('stops reading an answer that never ends', async () => {
  let sent = 0;
  const lapi = await clientOf((_, response) => {
    const piece = `{"id":1,"value":"${'x'.repeat(60_000)}"},`.repeat(20);
    const more = () => {
      while (!response.destroyed && sent < 1 << 30) {
        sent += piece.length;
        if (!response.write(piece)) break;
      }
    };
    response.writeHead(200).write('{"new":[');
    response.on('drain', more);
    more();
  });
  assert.match((await errorOf(lapi.stream(true))).message, /longer than 256 MB/);
  assert.ok(sent < 1 << 30, String(sent));
});

test('reports a LAPI that does not listen', async () => {
  const lapi = await answering(NOTHING);
  await server?.close();
  server = undefined;
  assert.match((await errorOf(lapi.stream(true))).message, /CrowdSec's LAPI at http:.*ECONNREFUSED/);
});

/** The client of a LAPI for machines, which gives each login a new token and accepts only the token of `valid`. */
const forMachines = (valid: () => string, status = 201) => {
  let logins = 0;
  return clientOf((asked, response) => {
    if (asked.url === '/v1/watchers/login') {
      const expire = new Date(Date.now() + 3_600_000).toISOString();
      response.end(JSON.stringify({ code: 200, token: `token-${++logins}`, expire }));
    } else if (asked.headers.authorization === `Bearer ${valid()}`) response.writeHead(status).end('["5"]');
    else response.writeHead(401).end('{"code":401,"message":"token is expired"}');
  });
};
const paths = () => server?.asked.map(({ url }) => url);

test('logs the machine in once, and again when its token is refused', async () => {
  let valid = 'token-1';
  const lapi = await forMachines(() => valid);
  for (let count = 0; count < 2; count++)
    assert.is((await lapi.asMachine('POST', '/v1/alerts', [])).status, 201);
  assert.equal(paths(), ['/v1/watchers/login', '/v1/alerts', '/v1/alerts']);
  assert.equal(JSON.parse(server?.asked[0]?.body ?? ''), { machine_id: 'web1', password: 'pass' });
  valid = 'token-2';
  assert.is((await lapi.asMachine('POST', '/v1/alerts', [])).status, 201);
  assert.equal(paths()?.slice(3), ['/v1/alerts', '/v1/watchers/login', '/v1/alerts']);
  valid = 'none';
  assert.match((await errorOf(lapi.asMachine('POST', '/v1/alerts', []))).message, /HTTP 401/);
});

test('returns the answer for refused content, and throws an error for a request that may succeed later', async () => {
  const bad = await forMachines(() => 'token-1', 422);
  assert.is((await bad.asMachine('POST', '/v1/alerts', [])).status, 422);
  await server?.close();
  for (const status of [429, 500, 503]) {
    const busy = await forMachines(() => 'token-1', status);
    assert.match((await errorOf(busy.asMachine('POST', '/v1/alerts', []))).message, `HTTP ${status}`);
    await server?.close();
  }
});

test('reports a refused machine', async () => {
  const lapi = await answering('{"code":401,"message":"incorrect Username or Password"}', 401);
  const error = await errorOf(lapi.login());
  assert.is(error.exitCode, EX.CONFIG);
  assert.match(error.message, /refuses the machine web1 .*the password is in .*riposte\.crowdsec-password/);
});

test.run();
