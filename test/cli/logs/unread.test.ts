import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { execa } from 'execa';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readPart } from '../../../cli/logs/read-part.ts';
import { type Unread, unreadOf } from '../../../cli/logs/unread.ts';

const test = suite('unread');
let directory = '';
let log = '';

test.before.each(() => {
  directory = mkdtempSync(join(tmpdir(), 'riposte-log-'));
  log = join(directory, 'access.log');
});
test.after.each(() => rmSync(directory, { recursive: true }));

const lines = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `line ${from + index} of the log, at its own time\n`).join(
    '',
  );

/** The new bytes, without what was read before. */
async function news({ parts }: Unread): Promise<string> {
  const texts: string[] = [];
  for (const part of parts.filter(({ isContext }) => !isContext))
    for await (const chunk of readPart(part)) texts.push(chunk.toString());
  return texts.join('');
}

/** Reads what is new, and then what is new behind that when `change` has happened to the log. */
async function after(first: string, change: () => void): Promise<{ text: string; unread: Unread }> {
  writeFileSync(log, first);
  const { position } = unreadOf(log, undefined, new Date());
  change();
  const unread = unreadOf(log, position, new Date());
  return { text: await news(unread), unread };
}

async function assertRejects(work: () => Promise<unknown>, why: RegExp): Promise<void> {
  const error = await work().then(
    () => undefined,
    (error) => error,
  );
  assert.match(String(error?.message), why);
}

test('the first time all of it, without a last line that is still in the making', async () => {
  writeFileSync(log, `${lines(0, 3)}line 3 is not yet`);
  const unread = unreadOf(log, undefined, new Date());
  assert.is(await news(unread), lines(0, 3));
  assert.is(unread.position?.offset, lines(0, 3).length);
});

test('the next time what has come since, and nothing when nothing has', async () => {
  assert.is((await after(lines(0, 3), () => appendFileSync(log, lines(3, 5)))).text, lines(3, 5));
  assert.is((await after(lines(0, 3), () => {})).text, '');
});

test('a line that was cut short the last time is whole the next time', async () => {
  const { text } = await after(`${lines(0, 3)}line 3 `, () => appendFileSync(log, 'of the log\n'));
  assert.is(text, 'line 3 of the log\n');
});

test('rotated by rename: the rest of the old file, then the new one', async () => {
  const { text } = await after(lines(0, 3), () => {
    appendFileSync(log, lines(3, 5));
    renameSync(log, `${log}.1`);
    writeFileSync(log, lines(5, 7));
  });
  assert.is(text, lines(3, 7));
});

test('rotated, and the new file is not there yet', async () => {
  const { text, unread } = await after(lines(0, 3), () => {
    appendFileSync(log, lines(3, 5));
    renameSync(log, `${log}.1`);
  });
  assert.is(text, lines(3, 5));
  assert.is(unread.isLost, false);
});

test('rotated by copytruncate', async () => {
  const { text } = await after(lines(0, 30), () => {
    appendFileSync(log, lines(30, 32));
    copyFileSync(log, `${log}.1`);
    truncateSync(log);
    appendFileSync(log, lines(32, 33));
  });
  assert.is(text, lines(30, 33));
});

test('copytruncate, and grown beyond its old length since', async () => {
  const { text } = await after(lines(0, 3), () => {
    copyFileSync(log, `${log}.1`);
    truncateSync(log);
    appendFileSync(log, lines(3, 40));
  });
  assert.is(text, lines(3, 40));
});

test('rotated twice, once compressed', async () => {
  const { text } = await after(lines(0, 30), () => {
    writeFileSync(`${log}.2.gz`, gzipSync(lines(0, 40)));
    utimesSync(`${log}.2.gz`, Date.now() / 1000 - 10, Date.now() / 1000 - 10);
    writeFileSync(`${log}.1`, lines(40, 50));
    writeFileSync(log, lines(50, 51));
  });
  assert.is(text, lines(30, 51));
});

/** Two rotations: to the older one, with lines 3 to 8, and then to the newer one, with line 9; line 10 is in the log. */
const TWICE = [
  ['access.log.2', 'access.log.1'],
  ['access.log.10', 'access.log.9'],
  ['access.log-20261119', 'access.log-20261120'],
  ['access-2026-11-19.log', 'access-2026-11-20.log'],
] as const;

/** @param stamp gives both their times, or leaves them as they are */
async function rotatedTwice(
  names: (typeof TWICE)[number],
  stamp: (older: string, newer: string) => void,
): Promise<string> {
  const [older, newer] = names.map((name) => join(directory, name)) as [string, string];
  const { text } = await after(lines(0, 3), () => {
    renameSync(log, older);
    appendFileSync(older, lines(3, 9));
    writeFileSync(newer, lines(9, 10));
    writeFileSync(log, lines(10, 11));
    stamp(older, newer);
  });
  for (const file of [older, newer]) rmSync(file);
  return text;
}

for (const names of TWICE) {
  test(`rotated twice in one step of the file system’s clock: by the names (${names[1]}), whatever is longer`, async () => {
    const now = Date.now() / 1000;
    const text = await rotatedTwice(names, (...files) => {
      for (const file of files) utimesSync(file, now, now);
    });
    assert.is(text, lines(3, 11));
  });

  test(`rotated twice, and the web server’s old processes still wrote to the oldest when ${names[1]} had got its last line`, async () => {
    const before = Date.now() / 1000 - 1;
    const text = await rotatedTwice(names, (_, newer) => utimesSync(newer, before, before));
    assert.is(text, lines(3, 11));
  });
}

test('rotated into a name with a date', async () => {
  const { text } = await after(lines(0, 3), () => {
    renameSync(log, join(directory, 'access-20261120.log'));
    writeFileSync(log, lines(3, 4));
  });
  assert.is(text, lines(3, 4));
});

test('other logs beside it, and older forms of it, are left alone', async () => {
  writeFileSync(join(directory, 'access.log.3'), 'x\n'.repeat(100));
  writeFileSync(join(directory, 'other.log.1'), 'y\n');
  const { text } = await after(lines(0, 3), () => {
    renameSync(log, `${log}.1`);
    utimesSync(join(directory, 'access.log.3'), Date.now() / 1000 - 9, Date.now() / 1000 - 9);
    writeFileSync(log, lines(3, 4));
  });
  assert.is(text, lines(3, 4));
});

test('copies and logs of other sites beside it are no rotated forms', async () => {
  const { text } = await after(lines(0, 3), () => {
    appendFileSync(log, lines(3, 4));
    renameSync(log, `${log}.1`);
    writeFileSync(log, lines(4, 5));
    for (const name of [
      'access.log.bak',
      'access.log.1~',
      'access.log.1.orig',
      'access-ssl.log',
      'access-2.log',
    ])
      writeFileSync(join(directory, name), lines(0, 9));
  });
  assert.is(text, lines(3, 5));
});

test('a copy that has a rotated name is no second text', async () => {
  const { text } = await after(lines(0, 30), () => {
    copyFileSync(log, `${log}.20261120`);
    const before = Date.now() / 1000 - 5;
    utimesSync(`${log}.20261120`, before, before);
    appendFileSync(log, lines(30, 32));
    renameSync(log, `${log}.1`);
    writeFileSync(`${log}.1.gz`, gzipSync(lines(0, 32)));
    writeFileSync(log, lines(32, 62));
    copyFileSync(log, `${log}-20261121`);
  });
  assert.is(text, lines(30, 62));
});

test('two short logs of which one is the begin of the other are one and its copy', async () => {
  const { text } = await after(lines(0, 3), () => {
    copyFileSync(log, `${log}.2`);
    appendFileSync(log, lines(3, 5));
    renameSync(log, `${log}.1`);
    writeFileSync(log, lines(5, 6));
  });
  assert.is(text, lines(3, 6));
});

test('the new log is empty, and the old one still grows: each line once', async () => {
  writeFileSync(log, lines(0, 3));
  let { position } = unreadOf(log, undefined, new Date());
  const next = async () => {
    const unread = unreadOf(log, position, new Date());
    position = unread.position;
    return news(unread);
  };
  renameSync(log, `${log}.1`);
  writeFileSync(log, '');
  assert.is(await next(), '');
  appendFileSync(`${log}.1`, lines(3, 5));
  assert.is(await next(), lines(3, 5));
  assert.is(await next(), '');
  appendFileSync(`${log}.1`, lines(5, 6));
  writeFileSync(`${log}.1.gz`, gzipSync(readFileSync(`${log}.1`)));
  rmSync(`${log}.1`);
  writeFileSync(log, lines(6, 7));
  assert.is(await next(), lines(5, 7));
});

test('a pipe among the rotated forms is left alone, and one in the place of the log refused', async () => {
  await execa('mkfifo', [`${log}.1`, `${log}.2`]);
  const { text } = await after(lines(0, 3), () => {
    renameSync(log, `${log}.3`);
    writeFileSync(log, lines(3, 4));
  });
  assert.is(text, lines(3, 4));
  rmSync(log);
  await execa('mkfifo', [log]);
  for (const last of [
    undefined,
    { offset: 9, head: { length: 9, hash: 'x' }, time: new Date().toISOString() },
  ])
    assert.throws(() => unreadOf(log, last, new Date()), /cannot read .*access\.log: it is no file/);
});

test('a part that has become a pipe meanwhile keeps nobody waiting', async () => {
  writeFileSync(log, lines(0, 3));
  const unread = unreadOf(log, undefined, new Date());
  rmSync(log);
  await execa('mkfifo', [log]);
  await assertRejects(() => news(unread), /it is no file/);
});

test('truncated, and nobody kept a copy: all of the new file, and it is said', async () => {
  const { text, unread } = await after(lines(0, 9), () => writeFileSync(log, lines(20, 22)));
  assert.is(text, lines(20, 22));
  assert.is(unread.isLost, true);
});

test('empty when last read, filled and rotated since', async () => {
  const { text } = await after('', () => {
    writeFileSync(log, lines(0, 2));
    renameSync(log, `${log}.1`);
    writeFileSync(log, lines(2, 3));
  });
  assert.is(text, lines(0, 3));
});

test('empty when last read, and filled in the same step of the file system’s clock, which lags behind ours', async () => {
  const { text } = await after('', () => {
    writeFileSync(`${log}.1`, lines(0, 2));
    const lagging = Date.now() / 1000 - 0.009;
    utimesSync(`${log}.1`, lagging, lagging);
    writeFileSync(log, lines(2, 3));
  });
  assert.is(text, lines(0, 3));
});

test('empty when last read: what was rotated before that is not read again', async () => {
  writeFileSync(`${log}.1`, lines(0, 2));
  const before = Date.now() / 1000 - 0.1;
  utimesSync(`${log}.1`, before, before);
  const { text } = await after('', () => writeFileSync(log, lines(2, 3)));
  assert.is(text, lines(2, 3));
});

test('a log that is not there has nothing new, and no position', () => {
  assert.equal(unreadOf(log, undefined, new Date()), {
    parts: [],
    position: undefined,
    end: undefined,
    isLost: false,
  });
});

test.run();
