import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Watchman } from '../../../cli/resident/watchman.ts';
import { directoryOfPrograms, temporaryDirectory } from '../../active-response/support.ts';
import { eventually } from '../../lab/server.ts';

/** What the descriptors of the process that answers are for the bell: behind the three of the standard streams. */
const EAR = 3;

const ended: (() => void)[] = [];
test.after.each(() => {
  for (const end of ended.splice(0)) end();
});

/** A box of a process that sleeps, with a seat and a script that sits there and sleeps as well. */
function boxOfSleepers() {
  const root = temporaryDirectory();
  const [bell, seat] = [join(root, 'bell'), join(root, 'seats/0')];
  for (const part of ['seats', 'taken']) mkdirSync(join(root, part));
  execFileSync('mkfifo', [bell, seat]);
  const ear = openSync(bell, 'r+');
  const held = openSync(seat, 'r+');
  const server = spawn('sleep', ['600'], { stdio: ['ignore', 'ignore', 'ignore', ear] });
  const script = spawn('sleep', ['600']);
  writeFileSync(join(root, 'taken/0'), `${script.pid}\n`);
  writeFileSync(join(root, 'beat'), '1\n');
  ended.push(
    () => server.kill('SIGKILL'),
    () => script.kill('SIGKILL'),
    () => closeSync(ear),
    () => closeSync(held),
  );
  return { root, pid: join(root, 'pid'), watch: join(root, 'watch'), server, said: reader(held) };
}

/** @returns what was said at a seat so far */
function reader(seat: number): () => string {
  let text = '';
  const cat = spawn('cat', [], { stdio: [seat, 'pipe', 'ignore'] });
  cat.stdout?.on('data', (bytes) => {
    text += bytes;
  });
  ended.push(() => cat.kill('SIGKILL'));
  return () => text;
}

/** Says who answers, as a box does that is open. */
const open = ({ pid, server }: { pid: string; server: ChildProcess }) =>
  writeFileSync(pid, `${server.pid} ${EAR} 1\n`);

/** watch.sh with a sleep that lasts as long as it is told, round by round. */
function watchByRounds({ root, watch, server }: { root: string; watch: string; server: ChildProcess }) {
  const [rounds, ticks] = [join(root, 'rounds'), join(root, 'ticks')];
  const path = directoryOfPrograms({ sleep: `echo >>${rounds}\nread -r tick <${ticks}` });
  writeFileSync(rounds, '');
  execFileSync('mkfifo', [ticks, watch]);
  const [hand, bell] = [openSync(ticks, 'r+'), openSync(watch, 'r+')];
  const words = [resolve('cli/resident/watch.sh'), root, `${server.pid}`, `${EAR}`];
  const watcher = spawn('sh', words, {
    stdio: [bell, 'ignore', 'ignore'],
    env: { PATH: `${path}:${process.env.PATH}` },
  });
  ended.push(
    () => watcher.kill('SIGKILL'),
    () => closeSync(hand),
    () => closeSync(bell),
  );
  const begun = () => readFileSync(rounds, 'utf8').length;
  return {
    /** Has so many rounds end; all that they do is done. */
    async pass(count: number): Promise<void> {
      for (let left = count; left > 0; left--) {
        await eventually('a round has begun', async () => begun() > 0);
        writeFileSync(rounds, '');
        writeSync(hand, '\n');
      }
      await eventually('the last round is over', async () => begun() > 0);
    },
  };
}

test('one that could not be started is tried again', async () => {
  const box = boxOfSleepers();
  const watchman = new Watchman(box);
  watchman.start();
  execFileSync('mkfifo', [box.watch]);
  open(box);
  await eventually('it is at work', async () => existsSync(join(box.root, 'asleep')));
  watchman.stop();
});

test('a script that does not look is told once', async () => {
  const box = boxOfSleepers();
  execFileSync('mkfifo', [box.watch]);
  open(box);
  box.server.kill('SIGSTOP');
  const watchman = new Watchman(box);
  watchman.start();
  await eventually('it is told', async () => box.said() !== '');
  // Some rounds more.
  await new Promise((wake) => setTimeout(wake, 1000));
  watchman.stop();
  assert.is(box.said(), 'gone\n');
  assert.is(readFileSync(join(box.root, 'asleep'), 'utf8'), '');
});

test('of one that is stopped two rounds are enough', async () => {
  const box = boxOfSleepers();
  box.server.kill('SIGSTOP');
  await watchByRounds(box).pass(3);
  await eventually('it is told', async () => box.said() === 'gone\n');
});

test('one that only has not come to run, as a machine stands still, has more time', async () => {
  const box = boxOfSleepers();
  const { pass } = watchByRounds(box);
  for (let times = 1; times <= 3; times++) {
    await pass(10);
    assert.is(readFileSync(join(box.root, 'stopped'), 'utf8'), '');
    writeFileSync(join(box.root, 'beat'), `${times}0\n`);
  }
  assert.is(box.said(), '');
  await pass(30);
  await eventually('it is told', async () => box.said() === 'gone\n');
});

test.run();
