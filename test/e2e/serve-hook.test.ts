import { once } from 'node:events';
import { chmod, copyFile, writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { eachOnItsOwnHost, killServerAfterEach } from '../lab/fixtures.ts';
import type { Host } from '../lab/host.ts';
import type { Installation } from '../lab/installation.ts';
import { eventually, RunningServer } from '../lab/server.ts';
import { labSuite } from '../lab/suite.ts';
import { leftToAll } from '../runner/share.ts';
import { ask } from '../serve/socket-client.ts';

const test = labSuite('serve: reports at its socket', 'nft', 'setpriv', 'bash', 'flock');
const inAll = leftToAll(test);
let host: Host;
let at: Installation;
let socket = '';
let server: RunningServer | undefined;

killServerAfterEach(test, () => server);
eachOnItsOwnHost(test, (...made) => ([host, at] = made));
test.before.each(async () => {
  socket = `${at.home}/hook/report.sock`;
  await writeFile(`${at.home}/access.log`, '');
  await at.write('etc/riposte.conf', `HOOK_GROUP=www-data\nHOOK_DIRECTORY=${at.home}/hook\n`);
  server = await RunningServer.start(at, [`${at.home}/access.log`]);
});

const report = (address: string) => ask(socket, { verb: 'report', address });
const blocked = (address: string) =>
  eventually(
    `${address} is blocked`,
    async () => (await host.run('nft list ruleset')).includes(` ${address} `),
    { orElse: () => server?.said ?? '' },
  );

/** Runs the hook in Apache's account, as ModSecurity does, with these variables. */
async function hook(env: Record<string, string>) {
  const script = `${at.home}/modsec-exec.js`;
  await copyFile('dist/modsec-exec.js', script);
  await chmod(script, 0o755);
  const account = ['--reuid=www-data', '--regid=www-data', '--clear-groups'];
  const own = { RIPOSTE_SOCKET: socket, RIPOSTE_NODE: at.node };
  return host.start(['setpriv', ...account, script], { env: { ...own, ...env }, stdin: 'ignore' });
}

test('continues when riposte.allow is wrong, and blocks a reported address once the file is corrected', async () => {
  await at.write('etc/riposte.allow', 'no address\n');
  assert.equal(await report('203.0.113.9'), { ok: true });
  await server?.says(/203\.0\.113\.9: failed: .*riposte\.allow:1: .*; Riposte will try again/);
  await at.write('etc/riposte.allow', '');
  await blocked('203.0.113.9');
});

inAll('continues when riposte.allow is a directory', async () => {
  await at.write('etc/riposte.allow/file', '');
  assert.equal(await report('203.0.113.9'), { ok: true });
  await server?.says(/203\.0\.113\.9: failed: .*riposte\.allow/);
  assert.equal(await ask(socket, { verb: 'ping' }), { ok: true, pong: true });
});

test('never blocks an allowed address, in whatever form a client reports it', async () => {
  await at.write('etc/riposte.allow', '198.51.100.0/24\n2001:db8:1::/48\n');
  for (const address of [
    '127.0.0.1',
    '::ffff:127.0.0.1',
    '0:0:0:0:0:ffff:7f00:1',
    '::1',
    '0:0:0:0:0:0:0:1',
    'fe80::1',
    '224.0.0.1',
    '198.51.100.7',
    '::ffff:198.51.100.7',
    '::ffff:c633:6407',
    '2001:DB8:1:0::7',
  ])
    assert.equal(await report(address), { ok: false, reason: 'allowed' }, address);
  assert.equal(await report('::ffff:203.0.113.9'), { ok: true });
  await server?.says(/203\.0\.113\.9: blocked: /);
  assert.equal(
    (await at.journal()).map(({ address }) => address),
    ['203.0.113.9'],
  );
});

inAll('refuses a report whose address field is not exactly one address', async () => {
  for (const address of [
    '',
    '203.0.113.0/24',
    '0.0.0.0/0',
    '203.0.113.9 ',
    '203.0.113.9\n',
    '203.0.113.9, 198.51.100.7',
    '0313.0.113.9',
    '203.0.113.9:80',
    '[2001:db8::9]',
    '2001:db8::9%eth0',
    'localhost',
    '-1',
    '../../../etc/passwd',
  ])
    assert.is(((await report(address)) as { ok: boolean }).ok, false, address);
  assert.equal(await at.journal(), []);
});

test('blocks an attacker that the hook reports from Apache’s account, whatever the hook’s environment is', async () => {
  const headers = Array.from({ length: 100 }, (_, index) => [`HTTP_X_${index}`, '\u00e9'.repeat(4000)]);
  const odd = {
    BASH_ENV: '/etc/passwd',
    IFS: '/',
    LD_DEBUG_OUTPUT: '/x',
    PS4: '$(id >&2)',
    ENV: '/etc/passwd',
  };
  const request = { REQUEST_URI: '/a?$(id)`id`;"', UNIQUE_ID: '\u001b]0;x' };
  const { stdout, stderr } = await hook({
    REMOTE_ADDR: '203.0.113.9',
    ...request,
    ...odd,
    ...Object.fromEntries(headers),
  });
  assert.equal([stdout, stderr], ['riposte', '']);
  await blocked('203.0.113.9');
  assert.not.match(server?.said ?? '', '\u001b');
});

test('ignores options for Node and the dynamic linker in a request’s headers', async () => {
  await hook({ REMOTE_ADDR: '203.0.113.9', HTTP_NODE_OPTIONS: '--version', HTTP_PROXY: 'http://x/' });
  await blocked('203.0.113.9');
});

test('still handles logs and other reports during a flood from Apache’s account', async () => {
  // When the server closes a connection, the client opens another. Most messages are never complete.
  const flood = `const net = require('node:net');
    let sent = 0;
    const one = () => {
      const end = sent % 50 ? '' : '\\n';
      const socket = net.connect('${socket}', () => socket.write('{"verb":"report","address":"198.51.100.' + (sent % 256) + '"}' + end));
      socket.on('error', () => {}).on('data', () => {}).on('close', () => setTimeout(one, 1));
      if (++sent === 1000) console.log('flooded');
    };
    for (let i = 0; i < 200; i++) one();`;
  const account = ['--reuid=www-data', '--regid=www-data', '--clear-groups'];
  const flooding = host.start(['setpriv', ...account, at.node, '-e', flood], {
    stdin: 'ignore',
    buffer: false,
  });
  await once(flooding.stdout, 'data');
  await eventually('a report is accepted', async () => {
    const answer = (await report('203.0.113.9').catch(() => undefined)) as { ok?: boolean } | undefined;
    return answer?.ok === true;
  });
  await blocked('203.0.113.9');
  flooding.kill('SIGKILL');
  await flooding;
  const ping = () => ask(socket, { verb: 'ping' }).catch(() => undefined);
  await eventually('a ping is answered', async () => (await ping()) !== undefined);
});

test.run();
