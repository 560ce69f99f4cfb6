import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { type Apache, startApache } from '../lab/apache.ts';
import { allOnOneNetwork } from '../lab/fixtures.ts';
import { ModSecurityHook } from '../lab/modsec-hook.ts';
import { ADDRESS, createNetwork, type Network } from '../lab/network.ts';
import { type ReportServer, startReportServer } from '../lab/report-server.ts';
import { eventually } from '../lab/server.ts';
import { INTERPRETERS, labSuite } from '../lab/suite.ts';
import { PATH } from '../lab/tools.ts';
import { leftToAll } from '../runner/share.ts';
import { Client } from '../serve/socket-client.ts';

const URL = `http://${ADDRESS.web}/attack.php?a=1`;
const URL6 = `http://[${ADDRESS.web6}]/attack`;

for (const [name, node] of INTERPRETERS) {
  const test = labSuite(`ModSecurity's hook on ${name}`, 'apache2', 'bash', 'flock', 'ss');
  const inAll = leftToAll(test);
  let network: Network;
  let hook: ModSecurityHook;
  let apache: Apache;
  let server: ReportServer | undefined;

  allOnOneNetwork(test, (made) => {
    network = made;
  });
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

  /** Waits until Apache's error log contains this text. @returns the log */
  async function errorLogWith(text: string): Promise<string> {
    let log = '';
    const isThere = async () => {
      log = await apache.errors();
      return log.includes(text);
    };
    await eventually(`Apache's error log holds ${text}`, isThere, { orElse: () => log });
    return log;
  }

  test('reports address, request and rule of a denied request', async () => {
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

  inAll('reports an IPv6 address, and no request that passes', async () => {
    server = await startReportServer(hook.run, 'www-data');
    assert.is(await network.fetch(ADDRESS.visitor), 200);
    assert.is(await network.fetch(ADDRESS.attacker6, URL6), 403);
    assert.is((await server.next()).address, ADDRESS.attacker6);
  });

  test('the rule in docs/modsecurity.md denies a request and reports its client', async () => {
    const rule =
      /```apache\n(SecRule .*?)```/s.exec(await readFile('docs/modsecurity.md', 'utf8'))?.[1] ?? '';
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

  test('causes no error message from ModSecurity', async () => {
    server = await startReportServer(hook.run, 'www-data');
    await network.fetch(ADDRESS.attacker, URL);
    await server.next();
    assert.not.match(await apache.errors(), /Exec|execute|riposte: /);
  });

  test('reports the client’s URI unchanged, and lets no header change the report', async () => {
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

  test('denies the request and names the missing socket in the error log when no server runs', async () => {
    assert.is(await network.fetch(ADDRESS.attacker, URL), 403);
    assert.match(
      await errorLogWith('riposte: '),
      `riposte: ${ADDRESS.attacker} is not reported: no access to ${hook.run}`,
    );
  });

  test('reports in the error log that Apache is not in the server’s group', async () => {
    server = await startReportServer(hook.run);
    assert.is(await network.fetch(ADDRESS.attacker, URL), 403);
    assert.match(await errorLogWith('riposte: '), 'is not reported: no access to');
  });

  inAll('reports in the error log that no server listens when the server was killed', async () => {
    const killed = await startReportServer(hook.run, 'www-data');
    killed.signal('SIGKILL');
    await killed.ended();
    assert.is(await network.fetch(ADDRESS.attacker, URL), 403);
    assert.match(
      await errorLogWith('riposte: '),
      `riposte: ${ADDRESS.attacker} is not reported: connect ECONNREFUSED`,
    );
  });

  inAll(
    'delays no request when the server is stopped, and delivers the reports when it continues',
    async () => {
      server = await startReportServer(hook.run, 'www-data');
      server.signal('SIGSTOP');
      // Send one request after the other, because a hook gives up if it waits two seconds for another hook's Node.
      for (const [index, from] of [ADDRESS.attacker, ADDRESS.visitor].entries()) {
        assert.is(await network.fetch(from, URL), 403);
        await eventually('the report waits', async () => (await waiting()) === index + 1);
      }
      server.signal('SIGCONT');
      const told = [await server.next(), await server.next()].map(({ address }) => address);
      assert.equal(told.sort(), [ADDRESS.attacker, ADDRESS.visitor]);
    },
  );

  inAll('drops a report when the server is stopped and the kernel’s queue is full', async () => {
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

  test('reports a failure and exits with 0 when another user runs the hook', async () => {
    server = await startReportServer(hook.run, 'www-data');
    const env = { REMOTE_ADDR: ADDRESS.attacker, RIPOSTE_SOCKET: hook.socket, RIPOSTE_NODE: node };
    const nobody = ['--reuid=nobody', '--regid=nogroup', '--clear-groups', hook.script];
    const { stdout, stderr } = await execa('setpriv', nobody, { env, stdin: 'ignore' });
    assert.is(stdout, 'riposte');
    assert.match(stderr, 'no access to');
    await network.fetch(ADDRESS.visitor, URL);
    assert.is((await server.next()).address, ADDRESS.visitor);
  });

  inAll(
    'reports the request even when an installer has changed the hook’s first line, so that Node runs the whole file',
    async () => {
      server = await startReportServer(hook.run, 'www-data');
      const env = { REMOTE_ADDR: ADDRESS.attacker, RIPOSTE_SOCKET: hook.socket };
      const { stdout } = await execa(node, [hook.script], { env, stdin: 'ignore' });
      assert.is(stdout, 'riposte');
      assert.equal(await server.next(), { address: ADDRESS.attacker });
    },
  );

  inAll('loses no report when the machine pauses for a second', async () => {
    server = await startReportServer(hook.run, 'www-data');
    const still = join(hook.root, 'still.cjs');
    const wait = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500)';
    await writeFile(still, `process.nextTick(() => ${wait});`); // runs when the hook has begun to connect
    const env = { REMOTE_ADDR: ADDRESS.attacker, RIPOSTE_SOCKET: hook.socket };
    const { stderr } = await execa(node, ['--require', still, hook.script], { env, stdin: 'ignore' });
    assert.is(stderr, '');
    assert.equal(await server.next(), { address: ADDRESS.attacker });
  });

  inAll('sends a readable message even when all variables have the longest values', async () => {
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

  /** The number of connections that the server has not yet accepted. */
  const waiting = async () => {
    const { stdout } = await execa('ss', ['-Hxl', 'src', hook.socket], { env: { PATH } });
    return Number(stdout.split(/\s+/)[2]);
  };

  test.run();
}

const test = labSuite("ModSecurity's hook with a slow Node", 'apache2', 'bash', 'flock');
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

test('answers the request while the hook still runs', async () => {
  assert.is(await network.fetch(ADDRESS.attacker, URL), 403);
  await logIs(/^\+/);
  assert.is(await hook.log(), '+');
  await hook.go();
  await logIs(/^\+-$/);
});

test('a hook’s background process closes inherited pipes that belong to other hooks', async () => {
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
  // The slow Node keeps these pipes open until it finds the file that `go` makes, but the clean-up may remove the file.
  child.stdout?.destroy();
  child.stderr?.destroy();
});

test('answers many requests at once, and runs one Node at a time', async () => {
  const statuses = await Promise.all(Array.from({ length: 6 }, () => network.fetch(ADDRESS.attacker, URL)));
  assert.equal(statuses, Array(6).fill(403));
  await logIs(/^\+/);
  await hook.go();
  await logIs(/^(\+-)+$/);
});

test.run();
