import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RiposteError } from '../../../base/errors.ts';
import { journalPosition, type Position } from '../../../logs/files/position.ts';
import { FollowedJournal } from '../../../logs/journal/follow-journal.ts';
import { temporaryDirectory } from '../../active-response/support.ts';
import { eventually } from '../../lab/server.ts';
import { messageOf, StandInJournal } from '../stand-in-journal.ts';

const test = suite('follow-journal');
const PATH = process.env.PATH;
let journal: StandInJournal;
let got: string[] = [];
let now = 0;
let woken = 0;
let followed: FollowedJournal | undefined;

test.before.each(() => {
  journal = new StandInJournal(temporaryDirectory());
  process.env.PATH = journal.directory;
  got = [];
  now = 0;
  woken = 0;
});
test.after.each(() => {
  followed?.close();
  process.env.PATH = PATH;
});

const BEGIN = journalPosition({ time: '2026-11-20T09:00:00.000Z' });

function follow(from: Position | undefined = BEGIN): FollowedJournal {
  followed = new FollowedJournal('web.service', (lines) => got.push(...lines.map(messageOf)), from, {
    clock: () => now,
    onReadable: () => woken++,
  });
  return followed;
}

/** Reads until `count` lines have come. */
async function until(count: number, journal: FollowedJournal): Promise<string[]> {
  await eventually(`${count} lines`, async () => {
    while (journal.read());
    return got.length >= count;
  });
  return got;
}

/** Waits for the journal's error. */
async function failureOf(journal: FollowedJournal): Promise<RiposteError> {
  let failure: unknown;
  await eventually('a failure', async () => {
    try {
      while (journal.read());
    } catch (error) {
      failure = error;
    }
    return failure !== undefined;
  });
  assert.instance(failure, RiposteError);
  return failure as RiposteError;
}

test('returns the present lines of its unit, and then the new lines', async () => {
  journal.add('a');
  journal.add('x', 'other.service');
  const web = follow();
  assert.equal(await until(1, web), ['a']);
  const cursor = journal.add('b');
  assert.equal(await until(2, web), ['a', 'b']);
  assert.is(web.position.cursor, cursor);
  assert.ok(woken >= 2);
  assert.ok(web.isThere);
});

test('begins with new lines when nothing was read before', async () => {
  followed = new FollowedJournal('web.service', () => {}, undefined, {
    start: new Date('2026-11-20T09:00:05Z'),
  });
  await eventually('journalctl is called', async () => journal.calls.length === 1);
  assert.ok(journal.calls[0]?.includes('--since=@1795165205.000000'));
  assert.equal(followed.position, journalPosition({ time: '2026-11-20T09:00:05.000Z' }));
});

test('continues after the cursor of its position', async () => {
  journal.add('a');
  const cursor = journal.add('b');
  journal.add('c');
  const web = follow(journalPosition({ time: BEGIN.time, cursor }));
  assert.equal(await until(1, web), ['c']);
  assert.ok(journal.calls[0]?.includes(`--after-cursor=${cursor}`));
});

test('returns the position after the last returned line, not after lines that still wait', async () => {
  journal.add('a');
  const web = follow();
  await eventually('the line has come', async () => web.lag > 0);
  assert.is(web.position.cursor, undefined);
  assert.equal(got, []);
  assert.equal(await until(1, web), ['a']);
  assert.is(web.lag, 0);
});

test('starts journalctl again after its end and a pause, and returns each line once', async () => {
  journal.add('a');
  const web = follow();
  await until(1, web);
  process.kill(journal.pid, 'SIGKILL');
  const { message, exitCode } = await failureOf(web);
  assert.is(exitCode, 69);
  assert.is(
    message,
    'cannot read the journal of web.service: journalctl: ended by SIGKILL; Riposte starts it again every 10 s',
  );
  assert.not(web.isThere);
  journal.add('b');
  now = 9999;
  assert.throws(() => web.read());
  assert.is(journal.calls.length, 1);
  now = 10_000;
  assert.throws(() => web.read()); // journalctl has started, but may still end at once
  now = 12_000;
  assert.equal(await until(2, web), ['a', 'b']);
  assert.ok(web.isThere);
  assert.not(web.read());
});

test('reports a missing journalctl, and starts it once it is in PATH', async () => {
  journal.add('a');
  process.env.PATH = '/nowhere';
  const web = follow();
  assert.throws(
    () => web.read(),
    (error: Error) => /^journalctl is not in PATH \(\/nowhere\); install systemd/.test(error.message),
  );
  process.env.PATH = journal.directory;
  now = 10_000;
  await eventually('a line', async () => {
    try {
      web.read();
    } catch {}
    return got.length > 0;
  });
  assert.equal(got, ['a']);
});

test('repeats journalctl’s error until journalctl has run for two seconds', async () => {
  writeFileSync(
    join(journal.directory, 'complaint'),
    'No journal files were opened due to insufficient permissions.\n',
  );
  const web = follow();
  const { message } = await failureOf(web);
  assert.match(
    message,
    /^cannot read the journal of web\.service: journalctl: No journal files were opened due to/,
  );
  rmSync(join(journal.directory, 'complaint'));
  now = 10_000;
  assert.throws(() => web.read());
  now = 11_900;
  assert.throws(() => web.read());
  now = 12_000;
  assert.not(web.read());
  assert.ok(web.isThere);
});

test('continues from the position’s time when journalctl refuses the cursor', async () => {
  for (const message of ['a', 'b', 'c']) journal.add(message);
  const time = new Date(journal.timeOf(1) / 1000).toISOString();
  const web = follow(journalPosition({ time, cursor: 'damaged' }));
  assert.match((await failureOf(web)).message, /Failed to seek to cursor: Invalid argument/);
  now = 10_000;
  await eventually('lines', async () => {
    try {
      while (web.read());
    } catch {}
    return got.length === 2;
  });
  assert.equal(got, ['b', 'c']);
});

test('makes journalctl wait while its lines are not read, and loses no line', async () => {
  const count = 200;
  for (let i = 0; i < count; i++) journal.add(`${i} ${'x'.repeat(100_000)}`);
  const web = follow();
  await eventually('journalctl waits', async () => web.lag > 4 * 1024 * 1024);
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.ok(web.lag < 8 * 1024 * 1024, `${web.lag}`);
  await until(count, web);
  assert.equal(
    got.map((message) => Number(message.split(' ')[0])),
    Array.from({ length: count }, (_, i) => i),
  );
});

test('marks a line of 20 MB as cut, and reads the next line whole', async () => {
  journal.add('y'.repeat(20_000_000));
  journal.add('z');
  const cut: number[] = [];
  followed = new FollowedJournal(
    'web.service',
    (lines) => cut.push(...lines.map((line) => Math.sign(line.cut))),
    BEGIN,
  );
  const web = followed;
  await eventually('both', async () => {
    while (web.read());
    return cut.length >= 2;
  });
  assert.equal(cut, [1, 0]);
});

test('ends journalctl when the follower is closed', async () => {
  journal.add('a');
  const web = follow();
  await until(1, web);
  web.close();
  await eventually('journalctl has ended', async () => {
    try {
      process.kill(journal.pid, 0);
      return false;
    } catch {
      return true;
    }
  });
  now = 60_000;
  assert.not(web.read());
  assert.is(journal.calls.length, 1);
});

test.run();
