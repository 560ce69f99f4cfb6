import {
  appendFileSync,
  chmodSync,
  closeSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RiposteError } from '../../../active-response/errors.ts';
import { FollowedLog } from '../../../cli/serve/follow-log.ts';

const test = suite('follow-log');
let directory = '';
let log = '';
let got: string[] = [];
let now = 0;
let followed: FollowedLog | undefined;

test.before.each(() => {
  directory = mkdtempSync(join(tmpdir(), 'riposte-follow-'));
  log = join(directory, 'access.log');
  got = [];
  now = 0;
});
test.after.each(() => {
  followed?.close();
  rmSync(directory, { recursive: true });
});

function follow(from?: number): FollowedLog {
  const take = (lines: readonly { text: string }[]) => {
    got.push(...lines.map(({ text }) => text));
  };
  followed = new FollowedLog(log, take, from, () => now);
  return followed;
}

/** What it reads until nothing is new. */
function news(): string[] {
  got = [];
  while (followed?.read());
  return got;
}

const lines = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `line ${from + index} of the log, at its own time`);
const text = (from: number, to: number) =>
  lines(from, to)
    .map((line) => `${line}\n`)
    .join('');

test('the first time from the end, and then what comes', () => {
  writeFileSync(log, text(0, 3));
  follow();
  assert.equal(news(), []);
  appendFileSync(log, text(3, 5));
  assert.equal(news(), lines(3, 5));
  assert.equal(news(), []);
});

test('from where it was read before', () => {
  writeFileSync(log, text(0, 3));
  follow(text(0, 1).length);
  assert.equal(news(), lines(1, 3));
});

test('not there yet: all of it when it comes', () => {
  follow();
  assert.equal(news(), []);
  assert.is(followed?.position, undefined);
  assert.is(followed?.isThere, false);
  writeFileSync(log, text(0, 2));
  assert.equal(news(), lines(0, 2));
  assert.is(followed?.isThere, true);
});

test('a line that is written in pieces is one, and its begin is not counted as read', () => {
  writeFileSync(log, '');
  follow();
  appendFileSync(log, `${text(0, 1)}li`);
  assert.equal(news(), lines(0, 1));
  assert.is(followed?.position?.offset, text(0, 1).length);
  appendFileSync(log, 'ne 1');
  assert.equal(news(), []);
  appendFileSync(log, ' of the log, at its own time\n');
  assert.equal(news(), lines(1, 2));
  assert.is(followed?.position?.offset, text(0, 2).length);
});

test('a line of some megabytes is cut, and the next one is whole', () => {
  writeFileSync(log, '');
  follow();
  appendFileSync(log, `${'x'.repeat(3_000_000)}\n${text(0, 1)}`);
  const [long = '', next] = news();
  assert.is(long.length, 65_536);
  assert.is(next, lines(0, 1)[0]);
});

test('a long text is read in parts, so that other logs have their turn', () => {
  writeFileSync(log, '');
  follow();
  appendFileSync(log, text(0, 20_000));
  assert.is(followed?.read(), true);
  assert.ok(got.length < 20_000);
  assert.is(got.length + news().length, 20_000);
});

test('renamed while the web server still writes to the old file: both are read for a minute', () => {
  writeFileSync(log, text(0, 2));
  const old = openSync(log, 'a');
  follow(0);
  assert.equal(news(), lines(0, 2));
  renameSync(log, `${log}.1`);
  writeSync(old, text(2, 3));
  assert.equal(news(), lines(2, 3));
  writeFileSync(log, text(4, 5));
  assert.equal(news(), lines(4, 5));
  now = 59_000;
  writeSync(old, text(3, 4));
  appendFileSync(log, text(5, 6));
  assert.equal(news(), [...lines(3, 4), ...lines(5, 6)]);
  now = 60_000;
  news();
  writeSync(old, text(6, 7));
  closeSync(old);
  assert.equal(news(), []);
});

test('while a renamed file is read on, a restart begins in it', () => {
  writeFileSync(log, text(0, 2));
  follow(0);
  news();
  const before = followed?.position;
  renameSync(log, `${log}.1`);
  writeFileSync(log, text(2, 9));
  news();
  assert.equal(followed?.position, before);
  now = 60_000;
  news();
  assert.is(followed?.position?.offset, text(2, 9).length);
});

test('the last line of a renamed file counts though nobody ended it', () => {
  writeFileSync(log, `${text(0, 1)}the end`);
  follow(0);
  news();
  renameSync(log, `${log}.1`);
  writeFileSync(log, text(1, 2));
  assert.equal(news(), lines(1, 2));
  now = 60_000;
  assert.equal(news(), ['the end']);
});

test('renamed twice within a minute', () => {
  writeFileSync(log, text(0, 1));
  follow(0);
  news();
  renameSync(log, `${log}.1`);
  writeFileSync(log, text(1, 2));
  assert.equal(news(), lines(1, 2));
  renameSync(log, `${log}.2`);
  writeFileSync(log, text(2, 3));
  assert.equal(news(), lines(2, 3));
  appendFileSync(`${log}.1`, text(3, 4));
  appendFileSync(`${log}.2`, text(4, 5));
  assert.equal(news(), lines(3, 5));
  assert.is(followed?.lag, 0);
});

test('copytruncate', () => {
  writeFileSync(log, text(0, 30));
  follow(0);
  assert.is(news().length, 30);
  copyFileSync(log, `${log}.1`);
  truncateSync(log);
  assert.equal(news(), []);
  appendFileSync(log, text(30, 31));
  assert.equal(news(), lines(30, 31));
});

test('copytruncate, and grown beyond its old length before it is looked at', () => {
  writeFileSync(log, text(0, 3));
  follow(0);
  news();
  truncateSync(log);
  appendFileSync(log, text(3, 40));
  assert.equal(news(), lines(3, 40));
});

test('copytruncate in the middle of a line: its rest is no line, and spoils none', () => {
  writeFileSync(log, `${text(0, 3)}line 3 of`);
  follow(0);
  news();
  truncateSync(log);
  appendFileSync(log, text(4, 5));
  assert.equal(news(), lines(4, 5));
});

test('deleted, and there again', () => {
  writeFileSync(log, text(0, 3));
  follow(0);
  news();
  rmSync(log);
  assert.equal(news(), []);
  assert.is(followed?.isThere, false);
  writeFileSync(log, text(3, 4));
  assert.equal(news(), lines(3, 4));
});

test('a directory in its place is told each time, what is written to the old file is read, and so is the next log', () => {
  writeFileSync(log, text(0, 1));
  const old = openSync(log, 'a');
  follow(0);
  news();
  rmSync(log);
  mkdirSync(log);
  const refusal = (error: unknown) => error instanceof RiposteError && /it is no file/.test(error.message);
  for (let round = 0; round < 3; round++) assert.throws(news, refusal);
  writeSync(old, text(1, 2));
  closeSync(old);
  assert.throws(news, refusal);
  assert.equal(got, lines(1, 2));
  rmdirSync(log);
  writeFileSync(log, text(2, 3));
  assert.equal(news(), lines(2, 3));
  now = 60_000;
  assert.equal(news(), []); // each file is closed once
});

test('a pipe in its place is refused, and keeps nobody waiting', async () => {
  await execa('mkfifo', [log]);
  assert.throws(follow, /it is no file/);
});

test('a directory that becomes a file: there is no log', () => {
  rmSync(directory, { recursive: true });
  writeFileSync(directory, '');
  follow();
  assert.equal(news(), []);
});

if (process.getuid?.() === 0) {
  // Root may read everything, so another user looks.
  const asNobody = (work: () => void) => {
    process.seteuid?.(65534);
    try {
      work();
    } finally {
      process.seteuid?.(0);
    }
  };
  test('rotated, and the new log may not be read: told each time, and read when it may be', () => {
    chmodSync(directory, 0o755);
    writeFileSync(log, text(0, 1));
    follow(0);
    news();
    renameSync(log, `${log}.1`);
    writeFileSync(log, text(1, 2), { mode: 0o600 });
    for (let round = 0; round < 3; round++) asNobody(() => assert.throws(news, /permission denied/));
    chmodSync(log, 0o644);
    asNobody(() => assert.equal(news(), lines(1, 2)));
    now = 60_000;
    assert.equal(news(), []);
  });
}

test.run();
