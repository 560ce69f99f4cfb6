import { execFileSync, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Watchman } from '../../../cli/resident/watchman.ts';
import { temporaryDirectory } from '../../active-response/support.ts';
import { eventually } from '../../lab/server.ts';

/** A box of this process, with a seat and a script that sits there. */
function boxOf(script: number) {
  const root = temporaryDirectory();
  const [pid, watch, bell, seat] = ['pid', 'watch', 'bell', 'seats/0'].map((name) => join(root, name));
  for (const part of ['seats', 'taken']) mkdirSync(join(root, part));
  execFileSync('mkfifo', [bell as string, seat as string]);
  const ear = openSync(bell as string, 'r+');
  const held = openSync(seat as string, 'r+');
  writeFileSync(join(root, 'taken/0'), `${script}\n`);
  writeFileSync(join(root, 'beat'), '1\n');
  return { root, pid: pid as string, watch: watch as string, ear, held };
}

test('one that could not be started is tried again', async () => {
  const box = boxOf(process.pid);
  const watchman = new Watchman(box);
  watchman.start();
  execFileSync('mkfifo', [box.watch]);
  writeFileSync(box.pid, `${process.pid} ${box.ear} 1\n`);
  await eventually('it is at work', async () => existsSync(join(box.root, 'asleep')));
  watchman.stop();
  closeSync(box.ear);
  closeSync(box.held);
});

test('a script that does not look is told once', async () => {
  const script = spawn('sleep', ['60']);
  const box = boxOf(Number(script.pid));
  execFileSync('mkfifo', [box.watch]);
  writeFileSync(box.pid, `${process.pid} ${box.ear} 1\n`);
  const watchman = new Watchman(box);
  watchman.start();
  const seat = openSync(join(box.root, 'seats/0'), 'r+');
  const said = new Promise<string>((resolve) => {
    const reader = spawn('timeout', ['2', 'cat'], { stdio: [seat, 'pipe', 'ignore'] });
    let text = '';
    reader.stdout?.on('data', (bytes) => {
      text += bytes;
    });
    reader.on('exit', () => resolve(text));
  });
  assert.is(await said, 'gone\n');
  watchman.stop();
  script.kill();
  for (const fd of [seat, box.ear, box.held]) closeSync(fd);
  assert.ok(readFileSync(join(box.root, 'asleep'), 'utf8') === '');
});

test.run();
