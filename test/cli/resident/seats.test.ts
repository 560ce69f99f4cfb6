import { spawnSync } from 'node:child_process';
import { closeSync, constants, existsSync, openSync, readSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Seats } from '../../../cli/resident/seats.ts';
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

test('one that was left is made anew before it is free', async () => {
  sit(3, OURS);
  const old = reader(3);
  const { ino } = statSync(at('seats', 3));
  await seats.renew([[3, OURS]]);
  assert.not(existsSync(at('taken', 3)));
  assert.is.not(statSync(at('seats', 3)).ino, ino);
  assert.is(old.read(), 0, 'the last who sat there is not called any more');
  old.close();
  const next = reader(3);
  assert.is(next.read(), undefined, 'the next one waits');
  next.close();
});

test('where another one sits by now, he stays', async () => {
  const script = gone();
  sit(3, OURS);
  const waiting = reader(3);
  await seats.renew([[3, script]]);
  assert.ok(existsSync(at('taken', 3)));
  assert.is(waiting.read(), undefined);
  waiting.close();
});

test('that of a script that has ended without a word is free again, one that is just being taken is not', async () => {
  sit(3, gone());
  writeFileSync(at('taken', 4), '');
  sit(5, OURS);
  await seats.renew([]);
  assert.equal(
    [3, 4, 5].map((seat) => existsSync(at('taken', seat))),
    [false, true, true],
  );
});

test('what has been left while others are made anew comes next', async () => {
  for (const seat of [3, 4]) sit(seat, OURS);
  await Promise.all([seats.renew([[3, OURS]]), seats.renew([[4, OURS]])]);
  await seats.renew([]);
  assert.equal(
    [3, 4].map((seat) => existsSync(at('taken', seat))),
    [false, false],
  );
});

test('when nobody holds them, who waits reads the end', () => {
  const waiting = [0, 511].map(reader);
  seats.close();
  for (const each of waiting) {
    assert.is(each.read(), 0);
    each.close();
  }
});

test('a box that has gone is no error', async () => {
  const elsewhere = new Seats(join(box, 'nowhere'));
  await elsewhere.renew([[3, OURS]]);
  elsewhere.close();
});

test.run();
