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
import { RiposteError } from '../../../base/errors.ts';
import type { Line } from '../../../logs/files/lines.ts';
import { FollowedLog } from '../../../logs/follow/follow-log.ts';

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

/** The lines that the follower reads until nothing is new. */
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

test('begins at the end the first time, then reads new lines', () => {
  writeFileSync(log, text(0, 3));
  follow();
  assert.equal(news(), []);
  appendFileSync(log, text(3, 5));
  assert.equal(news(), lines(3, 5));
  assert.equal(news(), []);
});

test('begins at the last position', () => {
  writeFileSync(log, text(0, 3));
  follow(text(0, 1).length);
  assert.equal(news(), lines(1, 3));
});

test('reads all of a log that is created later', () => {
  follow();
  assert.equal(news(), []);
  assert.is(followed?.position, undefined);
  assert.is(followed?.isThere, false);
  writeFileSync(log, text(0, 2));
  assert.equal(news(), lines(0, 2));
  assert.is(followed?.isThere, true);
});

test('joins a line that is written in pieces, and does not count its beginning as read', () => {
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

test('cuts a line of some megabytes, and reads the next line whole', () => {
  writeFileSync(log, '');
  follow();
  appendFileSync(log, `${'x'.repeat(3_000_000)}\n${text(0, 1)}`);
  const [long = '', next] = news();
  assert.is(long.length, 65_536);
  assert.is(next, lines(0, 1)[0]);
});

test('reads a long text in parts, so that other logs are read in between', () => {
  writeFileSync(log, '');
  follow();
  appendFileSync(log, text(0, 20_000));
  assert.is(followed?.read(), true);
  assert.ok(got.length < 20_000);
  assert.is(got.length + news().length, 20_000);
});

test('reads both files for a minute when the web server still writes to the renamed file', () => {
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

test('resumes in the renamed file after a restart while that file is still read', () => {
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

test('reads the last line of a renamed file without its newline', () => {
  writeFileSync(log, `${text(0, 1)}the end`);
  follow(0);
  news();
  renameSync(log, `${log}.1`);
  writeFileSync(log, text(1, 2));
  assert.equal(news(), lines(1, 2));
  now = 60_000;
  assert.equal(news(), ['the end']);
});

test('reads all lines when the log is renamed twice within a minute', () => {
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

test('reads a log after copytruncate', () => {
  writeFileSync(log, text(0, 30));
  follow(0);
  assert.is(news().length, 30);
  copyFileSync(log, `${log}.1`);
  truncateSync(log);
  assert.equal(news(), []);
  appendFileSync(log, text(30, 31));
  assert.equal(news(), lines(30, 31));
});

test('reads all new lines when the log outgrew its old length after copytruncate', () => {
  writeFileSync(log, text(0, 3));
  follow(0);
  news();
  truncateSync(log);
  appendFileSync(log, text(3, 40));
  assert.equal(news(), lines(3, 40));
});

test('drops the rest of a line that copytruncate cuts', () => {
  writeFileSync(log, `${text(0, 3)}line 3 of`);
  follow(0);
  news();
  truncateSync(log);
  appendFileSync(log, text(4, 5));
  assert.equal(news(), lines(4, 5));
});

test('reads a log that is deleted and created again', () => {
  writeFileSync(log, text(0, 3));
  follow(0);
  news();
  rmSync(log);
  assert.equal(news(), []);
  assert.is(followed?.isThere, false);
  writeFileSync(log, text(3, 4));
  assert.equal(news(), lines(3, 4));
});

test('reports a directory in the log’s place at each read, and reads the old file and the next log', () => {
  writeFileSync(log, text(0, 1));
  const old = openSync(log, 'a');
  follow(0);
  news();
  rmSync(log);
  mkdirSync(log);
  const refusal = (error: unknown) =>
    error instanceof RiposteError && /it is not a regular file/.test(error.message);
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

test('refuses a pipe in the log’s place without waiting', async () => {
  await execa('mkfifo', [log]);
  assert.throws(follow, /it is not a regular file/);
});

test('finds no log when its directory becomes a file', () => {
  rmSync(directory, { recursive: true });
  writeFileSync(directory, '');
  follow();
  assert.equal(news(), []);
});

if (process.getuid?.() === 0) {
  // Root may read everything, so the test reads as another user.
  const asOtherAccount = (work: () => void) => {
    process.seteuid?.(65534);
    try {
      work();
    } finally {
      process.seteuid?.(0);
    }
  };
  test('reports an unreadable new log at each read, and reads the log once its mode permits it', () => {
    chmodSync(directory, 0o755);
    writeFileSync(log, text(0, 1));
    follow(0);
    news();
    renameSync(log, `${log}.1`);
    writeFileSync(log, text(1, 2), { mode: 0o600 });
    for (let round = 0; round < 3; round++) asOtherAccount(() => assert.throws(news, /permission denied/));
    chmodSync(log, 0o644);
    asOtherAccount(() => assert.equal(news(), lines(1, 2)));
    now = 60_000;
    assert.equal(news(), []);
  });
}

test('cuts a line of 20 MB at the requested length, and reads the lines around it whole', () => {
  writeFileSync(log, '');
  const seen: [number, number][] = [];
  const take = (some: readonly Line[]) =>
    seen.push(...some.map(({ text, cut }) => [text.length, cut] as [number, number]));
  followed = new FollowedLog(log, take, 0, () => now, 1000);
  appendFileSync(log, `a\n${'x'.repeat(20_000_000)}`);
  while (followed.read());
  assert.is(followed.position?.offset, 2);
  appendFileSync(log, '\nbc\n');
  while (followed.read());
  assert.equal(seen, [
    [1, 0],
    [1000, 19_999_000],
    [2, 0],
  ]);
  assert.is(followed.position?.offset, 20_000_006);
});

test.run();
