import { spawnSync } from 'node:child_process';
import {
  closeSync,
  constants,
  existsSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { WAIT_SLOTS, WaitSlots } from '../../daemon/wait-slots.ts';
import { temporaryDirectory } from '../active-response/support.ts';

let directory: string;
let slots: WaitSlots;

test.before.each(() => {
  directory = temporaryDirectory();
  slots = new WaitSlots(directory);
  slots.make();
});
test.after.each(() => slots.close());

const at = (part: 'seats' | 'taken', slot: number) => join(directory, part, `${slot}`);
const claim = (slot: number, client: number | string) => writeFileSync(at('taken', slot), `${client}\n`);
/** Reads a slot as a client does. `read` returns the number of bytes: 0 at end-of-file, undefined if none has come. */
function reader(slot: number) {
  const fd = openSync(at('seats', slot), constants.O_RDONLY | constants.O_NONBLOCK);
  return {
    read(): number | undefined {
      try {
        return readSync(fd, Buffer.alloc(10));
      } catch {
        return undefined;
      }
    },
    close: () => closeSync(fd),
  };
}

/** The process ID of a process that has ended. */
const endedPid = () => Number(spawnSync('true').pid);
const OURS = process.pid;

test('makes each slot as a free FIFO that only its owner may use', () => {
  const { mode } = statSync(at('seats', 0));
  assert.is(mode & constants.S_IFMT, constants.S_IFIFO);
  assert.is(mode & 0o777, 0o600);
  assert.not(existsSync(at('taken', 0)));
});

test('wakes a client that can read the wake-up even after its slot is made anew', () => {
  claim(3, OURS);
  const waiting = reader(3);
  assert.is(waiting.read(), undefined);
  slots.wake(3);
  slots.release(3);
  slots.renewAll(new Set());
  assert.equal([waiting.read(), waiting.read()], [1, 0]);
  waiting.close();
});

test('makes the FIFO of a released slot anew before the slot is free', () => {
  claim(3, OURS);
  slots.release(3);
  assert.not(existsSync(at('seats', 3)));
  assert.ok(existsSync(at('taken', 3)));
  slots.renewMany();
  assert.ok(existsSync(at('taken', 3)), 'a single slot must wait');
  slots.renewAll(new Set());
  assert.not(existsSync(at('taken', 3)));
  const next = reader(3);
  assert.is(next.read(), undefined, 'the next client waits');
  next.close();
});

test('makes the FIFOs of released slots anew when there are many', () => {
  for (let slot = 0; slot < 64; slot++) {
    claim(slot, OURS);
    slots.release(slot);
  }
  slots.renewMany();
  assert.equal(readdirSync(join(directory, 'taken')), []);
});

test('recognizes the client that holds a slot', () => {
  claim(3, OURS);
  assert.equal([slots.isOf(OURS, 3), slots.isOf(OURS + 1, 3), slots.isOf(OURS, 4)], [true, false, false]);
});

test('frees the slot of a client that has ended, but no slot that is in use or being claimed', () => {
  claim(3, endedPid());
  writeFileSync(at('taken', 4), '');
  claim(5, OURS);
  claim(6, endedPid());
  slots.renewAll(new Set([6]));
  assert.equal(
    [3, 4, 5, 6].map((slot) => existsSync(at('taken', slot))),
    [false, true, true, true],
  );
});

test('frees a slot when its client does not write a process ID for some time', () => {
  for (const slot of [3, 4]) writeFileSync(at('taken', slot), '');
  utimesSync(at('taken', 3), 0, 0);
  const later = Date.now() / 1000 + 600; // in the future, because this process may pause
  utimesSync(at('taken', 4), later, later);
  slots.renewAll(new Set());
  assert.equal([existsSync(at('taken', 3)), existsSync(at('taken', 4))], [false, true]);
});

test('wakes a client when its FIFO has been removed', () => {
  const waiting = reader(3);
  rmSync(at('seats', 3));
  slots.wake(3);
  assert.is(waiting.read(), 1);
  waiting.close();
});

test('does not block when a client reads none of many wake-ups', () => {
  for (let count = 0; count < 70_000; count++) slots.wake(3);
  const waiting = reader(3);
  assert.is(waiting.read(), 10);
  waiting.close();
});

test('keeps slots claimed when mkfifo fails, and frees them at the next try', () => {
  claim(3, OURS);
  slots.release(3);
  renameSync(join(directory, 'seats'), join(directory, 'away'));
  slots.renewAll(new Set());
  assert.ok(existsSync(at('taken', 3)));
  renameSync(join(directory, 'away'), join(directory, 'seats'));
  slots.renewAll(new Set());
  assert.not(existsSync(at('taken', 3)));
});

test('does nothing when it is asked to wake a released slot', () => {
  slots.release(3);
  slots.wake(3);
  assert.not(existsSync(at('seats', 3)));
});

test('gives waiting clients end-of-file when the slots are closed', () => {
  const waiting = [0, WAIT_SLOTS - 1].map(reader);
  slots.close();
  for (const each of waiting) {
    assert.is(each.read(), 0);
    each.close();
  }
});

test.run();
