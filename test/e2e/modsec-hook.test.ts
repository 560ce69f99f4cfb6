import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { Client } from '../cli/serve/socket-client.ts';
import { type Apache, startApache } from '../lab/apache.ts';
import { ModSecurityHook } from '../lab/modsec-hook.ts';
import { ADDRESS, createNetwork, type Network } from '../lab/network.ts';
import { type ReportServer, startReportServer } from '../lab/report-server.ts';
import { eventually } from '../lab/server.ts';
import { INTERPRETERS, labSuite } from '../lab/suite.ts';
import { PATH } from '../lab/tools.ts';

const URL = `http://${ADDRESS.web}/attack.php?a=1`;
const URL6 = `http://[${ADDRESS.web6}]/attack`;

for (const [name, node] of INTERPRETERS) {
  const test = labSuite(`ModSecurity's hook on ${name}`, 'apache2', 'bash', 'flock', 'ss');
  let network: Network;
  let hook: ModSecurityHook;
  let apache: Apache;
  let server: ReportServer | undefined;

  test.before(async () => {
    network = await createNetwork();
  });
  test.after(() => network.remove());
  test.before.each(async () => {
    hook = await ModSecurityHook.create();
    apache = await startApache(network.web, hook.rules(node));
  });
  test.after.each(async () => {
    server?.signal('SIGKILL');
    await server?.ended();
    server = undefined;
    await apache.stop();
    await hook.remove();
  });

  /** Apache's error log, once it tells of this. */
  async function errorLogWith(text: string): Promise<string> {
    let log = '';
    const isThere = async () => {
      log = await apache.errors();
      return log.includes(text);
    };
    await eventually(`Apache's error log tells of ${text}`, isThere, { orElse: () => log });
    return log;
  }

  test('a request that a rule denies is reported, by address, request and rule', async () => {
    server = await startReportServer(hook.run, 'www-data');
    assert.is(await network.fetch(ADDRESS.attacker, URL), 403);
    const { uniqueId, ...report } = await server.next();
    assert.equal(report, {
      address: ADDRESS.attacker,
      requestLine: 'GET /attack.php?a=1',
      ruleId: '999004',
      message: 'an attack',
    });
    assert.match(await apache.errors(), `[unique_id "${uniqueId}"]`);
  });

  test('an IPv6 address is reported; a page that no rule denies is not', async () => {
    server = await startReportServer(hook.run, 'www-data');
    assert.is(await network.fetch(ADDRESS.visitor), 200);
    assert.is(await network.fetch(ADDRESS.attacker6, URL6), 403);
    assert.is((await server.next()).address, ADDRESS.attacker6);
  });

  test('the rule of the README does it', async () => {
    const rule = /```apache\n(SecRule .*?)```/s.exec(await readFile('README.md', 'utf8'))?.[1] ?? '';
    const ours = rule
      .replace('/usr/local/lib/riposte/modsec-exec.js', hook.script)
      .replace('setenv:', `setenv:RIPOSTE_SOCKET=${hook.socket},setenv:RIPOSTE_NODE=${node},setenv:`);
    await apache.stop();
    apache = await startApache(network.web, `${hook.modules}\n${ours}`);
    server = await startReportServer(hook.run, 'www-data');
    assert.is(
      await network.fetch(ADDRESS.attacker, `http://${ADDRESS.web}/w00tw00t.at.ISC.SANS.DFind:)`),
      403,
    );
    const { address, ruleId, message } = await server.next();
    assert.equal([address, ruleId, message], [ADDRESS.attacker, '999004', 'a scan']);
  });

  test('ModSecurity has nothing to complain about', async () => {
    server = await startReportServer(hook.run, 'www-data');
    await network.fetch(ADDRESS.attacker, URL);
    await server.next();
    assert.not.match(await apache.errors(), /Exec|execute|riposte: /);
  });

  test('what a client sends in headers and URI stays what it is', async () => {
    server = await startReportServer(hook.run, 'www-data');
    const odd = `http://${ADDRESS.web}/attack?%00%0a$(id)\`id\`;'"\\"&x=`;
    const headers = ['Remote-Addr: 198.51.100.1', 'X-Forwarded-For: 198.51.100.1', 'Riposte-Socket: /x'];
    await network.outside.start(
      [
        'curl',
        '--silent',
        '--globoff',
        '--interface',
        ADDRESS.attacker,
        ...headers.flatMap((each) => ['-H', each]),
        odd,
      ],
      {},
    );
    const { address, requestLine } = await server.next();
    assert.is(address, ADDRESS.attacker);
    assert.is(requestLine, `GET /attack?%00%0a$(id)\`id\`;'"\\"&x=`);
  });

  test('without a server the request is denied all the same, and the error log says what is missing', async () => {
    assert.is(await network.fetch(ADDRESS.attacker, URL), 403);
    assert.match(
      await errorLogWith('riposte: '),
      `riposte: ${ADDRESS.attacker} is not reported: no access to ${hook.run}`,
    );
  });

  test('a server whose group Apache is not in is told in the error log', async () => {
    server = await startReportServer(hook.run);
    assert.is(await network.fetch(ADDRESS.attacker, URL), 403);
    assert.match(await errorLogWith('riposte: '), 'is not reported: no access to');
  });

  test('a server that was killed: the error log says that nobody listens', async () => {
    const killed = await startReportServer(hook.run, 'www-data');
    killed.signal('SIGKILL');
    await killed.ended();
    assert.is(await network.fetch(ADDRESS.attacker, URL), 403);
    assert.match(
      await errorLogWith('riposte: '),
      `riposte: ${ADDRESS.attacker} is not reported: connect ECONNREFUSED`,
    );
  });

  test('a server that is stopped holds no request, and gets the reports when it goes on', async () => {
    server = await startReportServer(hook.run, 'www-data');
    server.signal('SIGSTOP');
    // One after the other: who waits two seconds for the Node of another one gives up.
    for (const [index, from] of [ADDRESS.attacker, ADDRESS.visitor].entries()) {
      assert.is(await network.fetch(from, URL), 403);
      await eventually('its report waits', async () => (await waiting()) === index + 1);
    }
    server.signal('SIGCONT');
    const told = [await server.next(), await server.next()].map(({ address }) => address);
    assert.equal(told.sort(), [ADDRESS.attacker, ADDRESS.visitor]);
  });

  test('a server that is stopped, with as many waiting as the kernel lets wait', async () => {
    server = await startReportServer(hook.run, 'www-data');
    server.signal('SIGSTOP');
    const waiting: Client[] = [];
    for (let full = false; !full; ) {
      await Client.connect(hook.socket).then(
        (client) => waiting.push(client),
        () => {
          full = true;
        },
      );
    }
    assert.is(await network.fetch(ADDRESS.attacker, URL), 403);
    assert.match(await errorLogWith('riposte: '), 'is not reported: connect EAGAIN');
    for (const { socket } of waiting) socket.destroy();
  });

  test("another user's hook gets nowhere, says so, and ends well", async () => {
    server = await startReportServer(hook.run, 'www-data');
    const env = { REMOTE_ADDR: ADDRESS.attacker, RIPOSTE_SOCKET: hook.socket, RIPOSTE_NODE: node };
    const nobody = ['--reuid=nobody', '--regid=nogroup', '--clear-groups', hook.script];
    const { stdout, stderr } = await execa('setpriv', nobody, { env, stdin: 'ignore' });
    assert.is(stdout, 'riposte');
    assert.match(stderr, 'no access to');
    await network.fetch(ADDRESS.visitor, URL);
    assert.is((await server.next()).address, ADDRESS.visitor);
  });

  test('run by Node itself, as where an installer has put its path into the first line, it does the same', async () => {
    server = await startReportServer(hook.run, 'www-data');
    const env = { REMOTE_ADDR: ADDRESS.attacker, RIPOSTE_SOCKET: hook.socket };
    const { stdout } = await execa(node, [hook.script], { env, stdin: 'ignore' });
    assert.is(stdout, 'riposte');
    assert.equal(await server.next(), { address: ADDRESS.attacker });
  });

  test('a machine that stands still for a second costs no report', async () => {
    server = await startReportServer(hook.run, 'www-data');
    const still = join(hook.root, 'still.cjs');
    const wait = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500)';
    await writeFile(still, `process.nextTick(() => ${wait});`); // when the hook has begun to connect
    const env = { REMOTE_ADDR: ADDRESS.attacker, RIPOSTE_SOCKET: hook.socket };
    const { stderr } = await execa(node, ['--require', still, hook.script], { env, stdin: 'ignore' });
    assert.is(stderr, '');
    assert.equal(await server.next(), { address: ADDRESS.attacker });
  });

  test('the longest of all variables make a message that the server reads', async () => {
    server = await startReportServer(hook.run, 'www-data');
    const long = '\u0001'.repeat(5000);
    const names = ['REQUEST_METHOD', 'REQUEST_URI', 'UNIQUE_ID', 'RIPOSTE_MESSAGE'];
    const env = { REMOTE_ADDR: ADDRESS.attacker6, RIPOSTE_SOCKET: hook.socket, RIPOSTE_RULE: '9'.repeat(50) };
    await execa(node, [hook.script], {
      env: { ...env, ...Object.fromEntries(names.map((variable) => [variable, long])) },
      stdin: 'ignore',
    });
    assert.is((await server.next()).address, ADDRESS.attacker6);
  });

  /** How many connections the kernel holds for the server, which it has not yet accepted. */
  const waiting = async () => {
    const { stdout } = await execa('ss', ['-Hxl', 'src', hook.socket], { env: { PATH } });
    return Number(stdout.split(/\s+/)[2]);
  };

  test.run();
}

const test = labSuite("ModSecurity's hook with a Node that takes its time", 'apache2', 'bash', 'flock');
let network: Network;
let hook: ModSecurityHook;
let apache: Apache;
let server: ReportServer;

test.before.each(async () => {
  network = await createNetwork();
  hook = await ModSecurityHook.create();
  server = await startReportServer(hook.run, 'www-data');
  apache = await startApache(network.web, hook.rules(await hook.slowNode()));
});
test.after.each(async () => {
  await hook.go();
  server.signal('SIGKILL');
  await server.ended();
  await apache.stop();
  await network.remove();
  await hook.remove();
});

const logIs = (pattern: RegExp): Promise<void> =>
  eventually(`the log is ${pattern}`, async () => pattern.test(await hook.log()), { orElse: hook.log });

test('the request is answered while the hook still runs', async () => {
  assert.is(await network.fetch(ADDRESS.attacker, URL), 403);
  await logIs(/^\+/);
  assert.is(await hook.log(), '+');
  await hook.go();
  await logIs(/^\+-$/);
});

test('what stays behind lets go of the pipes of other hooks that it has inherited', async () => {
  const env = {
    REMOTE_ADDR: ADDRESS.attacker,
    RIPOSTE_SOCKET: hook.socket,
    RIPOSTE_NODE: await hook.slowNode(),
  };
  const stdio = ['ignore', 'pipe', 'pipe', ...Array(9).fill('ignore'), 'pipe'];
  const child = spawn(hook.script, { env: { ...process.env, ...env }, stdio });
  const pipe = child.stdio.at(12);
  assert.instance(pipe, Readable);
  await new Promise((resolve) => (pipe as Readable).once('end', resolve).resume());
  assert.match(await hook.log(), /^\+?$/);
  await logIs(/^\+/);
});

test('many requests at once are all answered, and one Node runs at a time', async () => {
  const statuses = await Promise.all(Array.from({ length: 6 }, () => network.fetch(ADDRESS.attacker, URL)));
  assert.equal(statuses, Array(6).fill(403));
  await logIs(/^\+/);
  await hook.go();
  await logIs(/^(\+-)+$/);
});

test.run();
