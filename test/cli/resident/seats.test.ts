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
import { SEATS, Seats } from '../../../cli/resident/seats.ts';
import { temporaryDirectory } from '../../active-response/support.ts';

let box: string;
let seats: Seats;

test.before.each(() => {
  box = temporaryDirectory();
  seats = new Seats(box);
  seats.make();
});
test.after.each(() => seats.close());

const at = (part: 'seats' | 'taken', seat: number) => join(box, part, `${seat}`);
const sit = (seat: number, script: number | string) => writeFileSync(at('taken', seat), `${script}\n`);
/** As a script waits there. @returns what it reads: nothing is the end, undefined that there is nothing yet */
function reader(seat: number) {
  const fd = openSync(at('seats', seat), constants.O_RDONLY | constants.O_NONBLOCK);
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

/** A process number that is nobody's any more. */
const gone = () => Number(spawnSync('true').pid);
const OURS = process.pid;

test('each is a FIFO that root alone may use, and nobody sits there', () => {
  const { mode } = statSync(at('seats', 0));
  assert.is(mode & constants.S_IFMT, constants.S_IFIFO);
  assert.is(mode & 0o777, 0o600);
  assert.not(existsSync(at('taken', 0)));
});

test('who is called there looks, and reads that also when his seat is made anew', () => {
  sit(3, OURS);
  const waiting = reader(3);
  assert.is(waiting.read(), undefined);
  seats.call(3);
  seats.leave(3);
  seats.renewAll(new Set());
  assert.equal([waiting.read(), waiting.read()], [1, 0]);
  waiting.close();
});

test('one that was left is made anew before it is free', () => {
  sit(3, OURS);
  seats.leave(3);
  assert.not(existsSync(at('seats', 3)));
  assert.ok(existsSync(at('taken', 3)));
  seats.renewMany();
  assert.ok(existsSync(at('taken', 3)), 'not for one alone');
  seats.renewAll(new Set());
  assert.not(existsSync(at('taken', 3)));
  const next = reader(3);
  assert.is(next.read(), undefined, 'the next one waits');
  next.close();
});

test('when many were left they are made anew', () => {
  for (let seat = 0; seat < 64; seat++) {
    sit(seat, OURS);
    seats.leave(seat);
  }
  seats.renewMany();
  assert.equal(readdirSync(join(box, 'taken')), []);
});

test('who sits there now is known', () => {
  sit(3, OURS);
  assert.equal([seats.isOf(OURS, 3), seats.isOf(OURS + 1, 3), seats.isOf(OURS, 4)], [true, false, false]);
});

test('that of a script that has ended without a word is free again; one that is used, or just being taken, is not', () => {
  sit(3, gone());
  writeFileSync(at('taken', 4), '');
  sit(5, OURS);
  sit(6, gone());
  seats.renewAll(new Set([6]));
  assert.equal(
    [3, 4, 5, 6].map((seat) => existsSync(at('taken', seat))),
    [false, true, true, true],
  );
});

test('that of a script that was killed before it wrote its number, or had no room for it, is free some time', () => {
  for (const seat of [3, 4]) writeFileSync(at('taken', seat), '');
  utimesSync(at('taken', 3), 0, 0);
  seats.renewAll(new Set());
  assert.equal([existsSync(at('taken', 3)), existsSync(at('taken', 4))], [false, true]);
});

test('who sits there is called also when somebody else has removed his FIFO', () => {
  const waiting = reader(3);
  rmSync(at('seats', 3));
  seats.call(3);
  assert.is(waiting.read(), 1);
  waiting.close();
});

test('who is called again and again, and does not look, holds nobody up', () => {
  for (let count = 0; count < 70_000; count++) seats.call(3);
  const waiting = reader(3);
  assert.is(waiting.read(), 10);
  waiting.close();
});

test('when they cannot be made anew they are not free, and the next time they are', () => {
  sit(3, OURS);
  seats.leave(3);
  renameSync(join(box, 'seats'), join(box, 'away'));
  seats.renewAll(new Set());
  assert.ok(existsSync(at('taken', 3)));
  renameSync(join(box, 'away'), join(box, 'seats'));
  seats.renewAll(new Set());
  assert.not(existsSync(at('taken', 3)));
});

test('one who has given up is called in vain', () => {
  seats.leave(3);
  seats.call(3);
  assert.not(existsSync(at('seats', 3)));
});

test('when nobody holds them, who waits reads the end', () => {
  const waiting = [0, SEATS - 1].map(reader);
  seats.close();
  for (const each of waiting) {
    assert.is(each.read(), 0);
    each.close();
  }
});

test.run();
