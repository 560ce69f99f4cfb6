import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { applyMany } from '../../active-response/backend/apply-many.ts';
import { route } from '../../active-response/backend/route.ts';
import { parseTarget } from '../../base/address.ts';
import { type Executor, realExecutor } from '../../base/execute.ts';
import { Clock } from '../../daemon/clock.ts';
import { PersistentProcesses } from '../../daemon/persistent-processes.ts';
import { temporaryDirectory } from '../active-response/support.ts';
import { Host } from '../lab/host.ts';
import { labSuite } from '../lab/suite.ts';
import { PATH } from '../lab/tools.ts';

const test = labSuite('persistent nft and ip', 'nft', 'ip');
let host: Host;
let path: string;
let processes: PersistentProcesses;

test.before.each(async () => {
  host = await Host.create('web');
  await host.run('ip link set lo up');
  path = temporaryDirectory();
  const fifos = temporaryDirectory();
  for (const name of ['nft', 'ip']) {
    const [program, words] = host.command([name, '"$@"']);
    const file = join(path, name);
    // Each program counts its starts.
    writeFileSync(
      file,
      `#!/bin/sh\necho >>"$0.starts"\nexport PATH=${PATH}\nexec ${program} ${words.join(' ')}\n`,
    );
    writeFileSync(`${file}.starts`, '');
    chmodSync(file, 0o755);
  }
  const pipes = (name: string) => ({ input: join(fifos, `${name}.in`), output: join(fifos, `${name}.out`) });
  execFileSync(
    'mkfifo',
    ['nft', 'ip4', 'ip6'].flatMap((name) => Object.values(pipes(name))),
  );
  processes = new PersistentProcesses({ pipes }, new Clock());
});
test.after.each(async () => {
  processes.close();
  await host.remove();
});

const executors: Record<string, () => Executor> = {
  'a process for each command': () => realExecutor(30, { PATH: path }),
  'a persistent process': () => processes.executor(30, { PATH: path }),
};
const starts = (name: string) => readFileSync(join(path, `${name}.starts`), 'utf8').length;
const block = (text: string) => ({ verb: 'block', address: parseTarget(text), known: false }) as const;
const unblock = (text: string) => ({ verb: 'unblock', address: parseTarget(text), known: true }) as const;
const routes = async (family: 4 | 6 = 4) => (await host.run(`ip -${family} route show`)).trim();
const messages = (failures: ReadonlyMap<string, Error>) =>
  Object.fromEntries([...failures].map(([address, { message }]) => [address, message]));

for (const [how, executor] of Object.entries(executors)) {
  test(`adds and removes routes of both families by ${how}`, async () => {
    const backend = route('unreachable');
    for (const text of ['203.0.113.1', '203.0.113.2', '2001:db8::1', '198.51.100.0/24'])
      backend.apply(block(text), executor());
    backend.apply(block('203.0.113.2'), executor());
    backend.apply(unblock('203.0.113.1'), executor());
    backend.apply(unblock('203.0.113.1'), executor());
    assert.match(
      await routes(),
      /^unreachable 198\.51\.100\.0\/24 proto 117\s+unreachable 203\.0\.113\.2 proto 117$/,
    );
    assert.match(await routes(6), 'unreachable 2001:db8::1 dev lo proto 117 metric 1');
  });

  test(`replaces no foreign route, alone or in a batch, by ${how}`, async () => {
    await host.run('ip link add d0 type veth peer name d1');
    await host.run('ip addr add 192.0.2.1/24 dev d0');
    await host.run('ip link set d0 up');
    await host.run('ip route add 203.0.113.1 via 192.0.2.9');
    await host.run('ip route add 203.0.113.2 via 192.0.2.9 metric 7');
    await host.run('ip route add blackhole 203.0.113.3');
    await host.run('ip route add 198.51.100.0/24 via 192.0.2.9');
    const before = await routes();
    const backend = route('unreachable');
    const foreignRoutes = ['203.0.113.1', '203.0.113.2', '203.0.113.3', '198.51.100.0/24'];
    const refused = Object.fromEntries(
      foreignRoutes.map((text) => [
        text,
        `another program's route for ${text} exists already; Riposte leaves it unchanged`,
      ]),
    );
    for (const text of foreignRoutes)
      assert.throws(() => backend.apply(block(text), executor()), refused[text]);
    const all = ['203.0.113.4', ...foreignRoutes, '203.0.113.5', '2001:db8::1'];
    assert.equal(messages(applyMany(backend, all.map(block), executor())), refused);
    assert.match(await routes(), '203.0.113.4 ');
    assert.match(await routes(6), '2001:db8::1 ');
    assert.equal(messages(applyMany(backend, all.map(unblock), executor())), {});
    assert.is(await routes(), before);
  });

  test(`reports the error of ip by ${how}`, () => {
    const backend = route('nonsense');
    assert.throws(
      () => backend.apply(block('203.0.113.1'), executor()),
      /^ip: Error: inet prefix is expected rather than "nonsense"/,
    );
    assert.match(
      messages(applyMany(backend, [block('203.0.113.1'), block('203.0.113.2')], executor()))['203.0.113.2'] ??
        '',
      /^ip: Error: inet prefix is expected rather than "nonsense"/,
    );
  });

  test(`fails each change when ip does not support -batch, by ${how}`, () => {
    writeFileSync(join(path, 'ip'), '#!/bin/sh\necho "invalid option -batch" >&2\nexit 1\n');
    const failures = applyMany(route('unreachable'), ['203.0.113.1', '203.0.113.2'].map(block), executor());
    assert.equal(messages(failures), {
      '203.0.113.1': 'ip: invalid option -batch',
      '203.0.113.2': 'ip: invalid option -batch',
    });
  });

  test(`fails the remaining changes when ip is killed, by ${how}`, async () => {
    const real = readFileSync(join(path, 'ip'), 'utf8').replace('exec ', 'head -n 1 | ');
    writeFileSync(join(path, 'ip'), `${real}kill -KILL $$\n`);
    const backend = route('unreachable');
    assert.throws(() => backend.apply(block('203.0.113.1'), executor()), /^ip: .*ended by SIGKILL/);
    const failures = applyMany(backend, ['203.0.113.1', '203.0.113.2'].map(block), executor());
    assert.equal([...failures.keys()], ['203.0.113.1', '203.0.113.2']);
    assert.is(await routes(), '');
  });

  test(`keeps a foreign route whose address ip writes in another form, by ${how}`, async () => {
    await host.run('ip link add d0 type veth peer name d1');
    await host.run('ip link set d0 up');
    await host.run('ip -6 route add ::203.0.113.9 dev d0');
    const foreignRoutes = async () =>
      (await routes(6)).split('\n').filter((line) => line.startsWith('::203'));
    const before = await foreignRoutes();
    const backend = route('unreachable');
    assert.throws(() => backend.apply(block('::203.0.113.9'), executor()), /another program's route/);
    const failures = applyMany(backend, ['::203.0.113.9', '2001:db8::1'].map(block), executor());
    assert.equal([...failures.keys()], ['::cb00:7109']);
    assert.equal(await foreignRoutes(), before);
  });
}

test('applies the changes of one family when ip hangs for the other family', async () => {
  const real = readFileSync(join(path, 'ip'), 'utf8');
  writeFileSync(join(path, 'ip'), real.replace('#!/bin/sh\n', '$&[ "$1" != -6 ] || exec sleep 60\n'));
  const both = ['203.0.113.1', '2001:db8::1', '203.0.113.2'].map(block);
  const env = { PATH: `${path}:${PATH}` };
  const executor: Executor = {
    ...realExecutor(30, env),
    // Only IPv6 has a short timeout, because IPv4 must succeed even on a busy machine.
    run: (command) => realExecutor(command.args[0] === '-6' ? 1 : 30, env).run(command),
  };
  const failures = applyMany(route('unreachable'), both, executor);
  assert.equal([...failures.keys()], ['2001:db8::1']);
  assert.match(failures.get('2001:db8::1')?.message ?? '', /^ip took longer than 1 s/);
  assert.is((await routes()).split('\n').length, 2);
});

test('runs all small changes of a family in one ip', () => {
  const executor = processes.executor(30, { PATH: path });
  const backend = route('unreachable');
  for (let index = 1; index < 20; index++) backend.apply(block(`203.0.113.${index}`), executor);
  applyMany(backend, ['203.0.113.100', '203.0.113.101'].map(block), executor);
  for (let index = 1; index < 20; index++) backend.apply(unblock(`203.0.113.${index}`), executor);
  assert.is(starts('ip'), 1);
});

test('starts another ip when a batch is longer than any pipe holds', () => {
  const addresses = Array.from({ length: 250 }, (_, index) => `203.0.113.${index}`);
  const executor = processes.executor(30, { PATH: path });
  const blockAll = (some: string[]) => applyMany(route('unreachable'), some.map(block), executor).size;
  assert.is(blockAll(addresses.slice(0, 50)), 0);
  assert.is(blockAll(addresses.slice(50, 100)), 0);
  assert.is(starts('ip'), 1);
  assert.is(blockAll(addresses.slice(100)), 0);
  assert.is(starts('ip'), 2);
});

test('starts a separate process for a script that is longer than any pipe holds', async () => {
  const addresses = Array.from({ length: 1000 }, (_, index) => `198.18.${index >> 8}.${index & 255}`);
  const failures = applyMany(
    route('unreachable'),
    addresses.map(block),
    processes.executor(30, { PATH: path }),
  );
  assert.is(failures.size, 0);
  assert.is((await routes()).split('\n').length, 1000);
});

test.run();
