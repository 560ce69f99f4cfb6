import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { RequestDirectory } from '../../daemon/request-directory.ts';
import { Watchdog } from '../../daemon/watchdog.ts';
import { directoryOfPrograms, temporaryDirectory } from '../active-response/support.ts';
import { eventually } from '../lab/server.ts';

/** The daemon's descriptor of the wake-up FIFO: the first after the standard streams. */
const WAKEUP_FD = 3;

const ended: (() => void)[] = [];
test.after.each(() => {
  for (const end of ended.splice(0)) end();
});

/** A request directory with a daemon that sleeps, and a client that sleeps in a slot. */
function sleepingScene() {
  const root = temporaryDirectory();
  const [wakeup, slot] = [join(root, 'bell'), join(root, 'seats/0')];
  for (const part of ['seats', 'taken']) mkdirSync(join(root, part));
  execFileSync('mkfifo', [wakeup, slot]);
  const wakeupFd = openSync(wakeup, 'r+');
  const held = openSync(slot, 'r+');
  const server = spawn('sleep', ['600'], { stdio: ['ignore', 'ignore', 'ignore', wakeupFd] });
  const client = spawn('sleep', ['600']);
  writeFileSync(join(root, 'taken/0'), `${client.pid}\n`);
  writeFileSync(join(root, 'beat'), '1\n');
  ended.push(
    () => server.kill('SIGKILL'),
    () => client.kill('SIGKILL'),
    () => closeSync(wakeupFd),
    () => closeSync(held),
  );
  return { root, pid: join(root, 'pid'), watchdogFifo: join(root, 'watch'), server, said: reader(held) };
}

/** Reads a slot. @returns a function that returns the text read so far */
function reader(slotFd: number): () => string {
  let text = '';
  const cat = spawn('cat', [], { stdio: [slotFd, 'pipe', 'ignore'] });
  cat.stdout?.on('data', (bytes) => {
    text += bytes;
  });
  ended.push(() => cat.kill('SIGKILL'));
  return () => text;
}

/** Names the daemon, as RequestDirectory.open does. */
const open = ({ pid, server }: { pid: string; server: ChildProcess }) =>
  writeFileSync(pid, `${server.pid} ${WAKEUP_FD} 1\n`);

/** Runs the watchdog with a stand-in for `sleep`: each round lasts until the test ends it. */
function watchByRounds({
  root,
  watchdogFifo,
  server,
}: Pick<RequestDirectory, 'root' | 'watchdogFifo'> & { server: ChildProcess }) {
  const [rounds, ticks] = [join(root, 'rounds'), join(root, 'ticks')];
  const path = directoryOfPrograms({ sleep: `echo >>${rounds}\nread -r tick <${ticks}` });
  writeFileSync(rounds, '');
  execFileSync('mkfifo', [ticks, watchdogFifo]);
  const [ticksFd, wakeupFd] = [openSync(ticks, 'r+'), openSync(watchdogFifo, 'r+')];
  const words = [resolve('daemon/watchdog.sh'), root, `${server.pid}`, `${WAKEUP_FD}`];
  const watcher = spawn('sh', words, {
    stdio: [wakeupFd, 'ignore', 'ignore'],
    env: { PATH: `${path}:${process.env.PATH}` },
  });
  ended.push(
    () => watcher.kill('SIGKILL'),
    () => closeSync(ticksFd),
    () => closeSync(wakeupFd),
  );
  const begun = () => readFileSync(rounds, 'utf8').length;
  return {
    /** Ends `count` rounds, and waits until their work is done. */
    async pass(count: number): Promise<void> {
      for (let left = count; left > 0; left--) {
        await eventually('a round has begun', async () => begun() > 0);
        writeFileSync(rounds, '');
        writeSync(ticksFd, '\n');
      }
      await eventually('the last round is over', async () => begun() > 0);
    },
  };
}

test('starts the watchdog again when its start has failed', async () => {
  const scene = sleepingScene();
  const watchdog = new Watchdog(scene);
  watchdog.start();
  execFileSync('mkfifo', [scene.watchdogFifo]);
  open(scene);
  await eventually('the watchdog runs', async () => existsSync(join(scene.root, 'asleep')));
  watchdog.stop();
});

test('sends a client to Node only once when the client does not read', async () => {
  const scene = sleepingScene();
  execFileSync('mkfifo', [scene.watchdogFifo]);
  open(scene);
  scene.server.kill('SIGSTOP');
  const watchdog = new Watchdog(scene);
  watchdog.start();
  await eventually('the client is sent to Node', async () => scene.said() !== '');
  // Wait some more rounds.
  await new Promise((wake) => setTimeout(wake, 1000));
  watchdog.stop();
  assert.is(scene.said(), 'gone\n');
  assert.is(readFileSync(join(scene.root, 'asleep'), 'utf8'), '');
});

test('reports a stopped daemon after two rounds', async () => {
  const scene = sleepingScene();
  scene.server.kill('SIGSTOP');
  await watchByRounds(scene).pass(3);
  await eventually('the client is sent to Node', async () => scene.said() === 'gone\n');
});

test('waits longer for a sleeping daemon than for a stopped daemon', async () => {
  const scene = sleepingScene();
  const { pass } = watchByRounds(scene);
  for (let times = 1; times <= 3; times++) {
    await pass(10);
    assert.is(readFileSync(join(scene.root, 'stopped'), 'utf8'), '');
    writeFileSync(join(scene.root, 'beat'), `${times}0\n`);
  }
  assert.is(scene.said(), '');
  await pass(30);
  await eventually('the client is sent to Node', async () => scene.said() === 'gone\n');
});

test.run();
