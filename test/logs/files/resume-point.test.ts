import {
  appendFileSync,
  copyFileSync,
  existsSync,
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
import { execa, execaSync } from 'execa';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { plainHead } from '../../../logs/files/begin-and-end.ts';
import { readPart } from '../../../logs/files/read-part.ts';
import { resumePoint, type Unread } from '../../../logs/files/resume-point.ts';

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

/** The new bytes. The context is left out, because its bytes were read before. */
async function news({ parts }: Unread): Promise<string> {
  const texts: string[] = [];
  for (const part of parts.filter(({ isContext }) => !isContext))
    for await (const chunk of readPart(part)) texts.push(chunk.toString());
  return texts.join('');
}

/** Writes and reads the first text, and makes a change. @returns the text that is new after the change */
async function after(first: string, change: () => void): Promise<{ text: string; unread: Unread }> {
  writeFileSync(log, first);
  const { position } = resumePoint(log, undefined, new Date());
  change();
  const unread = resumePoint(log, position, new Date());
  return { text: await news(unread), unread };
}

async function assertRejects(work: () => Promise<unknown>, why: RegExp): Promise<void> {
  const error = await work().then(
    () => undefined,
    (error) => error,
  );
  assert.match(String(error?.message), why);
}

test('reads all of a new log except an incomplete last line', async () => {
  writeFileSync(log, `${lines(0, 3)}line 3 is not yet`);
  const unread = resumePoint(log, undefined, new Date());
  assert.is(await news(unread), lines(0, 3));
  assert.is(unread.position?.offset, lines(0, 3).length);
});

test('reads only the new lines the next time', async () => {
  assert.is((await after(lines(0, 3), () => appendFileSync(log, lines(3, 5)))).text, lines(3, 5));
  assert.is((await after(lines(0, 3), () => {})).text, '');
});

test('reads a line whole once it is complete', async () => {
  const { text } = await after(`${lines(0, 3)}line 3 `, () => appendFileSync(log, 'of the log\n'));
  assert.is(text, 'line 3 of the log\n');
});

test('reads the rest of a renamed file, then the new file', async () => {
  const { text } = await after(lines(0, 3), () => {
    appendFileSync(log, lines(3, 5));
    renameSync(log, `${log}.1`);
    writeFileSync(log, lines(5, 7));
  });
  assert.is(text, lines(3, 7));
});

test('reads the rest of a rotated file when the new file does not exist yet', async () => {
  const { text, unread } = await after(lines(0, 3), () => {
    appendFileSync(log, lines(3, 5));
    renameSync(log, `${log}.1`);
  });
  assert.is(text, lines(3, 5));
  assert.is(unread.isLost, false);
});

test('reads the unread end of the copy after copytruncate', async () => {
  const { text } = await after(lines(0, 30), () => {
    appendFileSync(log, lines(30, 32));
    copyFileSync(log, `${log}.1`);
    truncateSync(log);
    appendFileSync(log, lines(32, 33));
  });
  assert.is(text, lines(30, 33));
});

test('reads all new lines when the log outgrew its old length after copytruncate', async () => {
  const { text } = await after(lines(0, 3), () => {
    copyFileSync(log, `${log}.1`);
    truncateSync(log);
    appendFileSync(log, lines(3, 40));
  });
  assert.is(text, lines(3, 40));
});

test('reads all rotated forms when the log was rotated twice and one form is compressed', async () => {
  const { text } = await after(lines(0, 30), () => {
    writeFileSync(`${log}.2.gz`, gzipSync(lines(0, 40)));
    utimesSync(`${log}.2.gz`, Date.now() / 1000 - 10, Date.now() / 1000 - 10);
    writeFileSync(`${log}.1`, lines(40, 50));
    writeFileSync(log, lines(50, 51));
  });
  assert.is(text, lines(30, 51));
});

for (const [program, ending] of [
  ['gzip', 'gz'],
  ['xz', 'xz'],
  ['bzip2', 'bz2'],
  ['zstd', 'zst'],
] as const)
  test(`reads a rotated form that ${program} compressed after the last read`, async () => {
    const { text, unread } = await after(lines(0, 30), () => {
      appendFileSync(log, lines(30, 50_000));
      renameSync(log, `${log}.1`);
      execaSync(program, [`${log}.1`]);
      assert.ok(existsSync(`${log}.1.${ending}`));
      writeFileSync(log, lines(50_000, 50_001));
    });
    assert.is(text, lines(30, 50_001));
    assert.is(unread.isLost, false);
  });

test('decompresses a rotated log by its content, not by its name', async () => {
  const { text } = await after(lines(0, 30), () => {
    writeFileSync(`${log}.2`, gzipSync(lines(0, 40)));
    writeFileSync(`${log}.1.xz`, lines(40, 50));
    writeFileSync(log, lines(50, 51));
  });
  assert.is(text, lines(30, 51));
});

test('prefers the plain copy of a rotated log to the compressed copy', async () => {
  const { text } = await after(lines(0, 30), () => {
    renameSync(log, `${log}.1`);
    appendFileSync(`${log}.1`, lines(30, 40));
    execaSync('xz', ['-k', `${log}.1`]);
    writeFileSync(log, lines(40, 41));
  });
  assert.is(text, lines(30, 41));
});

test('names the package to install when a program is missing, and reports no lost lines', async () => {
  const path = process.env.PATH;
  try {
    const { message, exitCode } = await after(lines(0, 30), () => {
      renameSync(log, `${log}.1`);
      execaSync('zstd', ['--rm', '-q', `${log}.1`]);
      writeFileSync(log, lines(40, 41));
      process.env.PATH = directory;
    }).then(
      () => assert.unreachable(),
      (error) => error,
    );
    assert.is(exitCode, 69);
    assert.match(message, /^zstd is not in PATH \(.*\); install zstd$/);
  } finally {
    process.env.PATH = path;
  }
});

test('refuses a log that begins like a compressed log, but reads it as plain text if it was read before', async () => {
  const begin = 'BZh91AY&SY is what a client has sent\n';
  writeFileSync(log, begin + lines(1, 3));
  await assertRejects(
    async () => resumePoint(log, undefined, new Date()),
    / is compressed \(bzip2\): riposte replay reads such logs$/,
  );
  const head = plainHead(log, begin.length);
  const position = { offset: begin.length, head, time: new Date().toISOString() };
  assert.is(await news(resumePoint(log, position, new Date())), lines(1, 3));
});

test('fails and names the log when the end of a compressed log is damaged', async () => {
  for (const [program, ending] of [
    ['gzip', 'gz'],
    ['xz', 'xz'],
    ['bzip2', 'bz2'],
    ['zstd', 'zst'],
  ] as const) {
    const { stdout } = execaSync(program, ['-c'], { input: lines(0, 100_000), encoding: 'buffer' });
    const file = `${log}.1.${ending}`;
    writeFileSync(file, stdout.subarray(0, -30));
    const part = { file, from: 0, to: undefined, isContext: false, isRotated: true };
    await assertRejects(
      () => news({ parts: [part] } as unknown as Unread),
      new RegExp(`^${file}: .*(end|premature|trunc)`, 'i'),
    );
  }
});

/**
 * The names of two rotated forms, the older first. The older form holds the unread lines 3 to 8, the newer form holds
 * line 9, and the log holds line 10.
 */
const TWICE = [
  ['access.log.2', 'access.log.1'],
  ['access.log.10', 'access.log.9'],
  ['access.log-20261119', 'access.log-20261120'],
  ['access-2026-11-19.log', 'access-2026-11-20.log'],
] as const;

/** Rotates a log to both names. @param stamp may set the times of the two forms @returns the unread text */
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
  test(`orders rotated forms with the same time by name (${names[1]}), not by length`, async () => {
    const now = Date.now() / 1000;
    const text = await rotatedTwice(names, (...files) => {
      for (const file of files) utimesSync(file, now, now);
    });
    assert.is(text, lines(3, 11));
  });

  test(`orders rotated forms by name when the older form was written to after ${names[1]}`, async () => {
    const before = Date.now() / 1000 - 1;
    const text = await rotatedTwice(names, (_, newer) => utimesSync(newer, before, before));
    assert.is(text, lines(3, 11));
  });
}

test('reads a rotated file with a date in its name', async () => {
  const { text } = await after(lines(0, 3), () => {
    renameSync(log, join(directory, 'access-20261120.log'));
    writeFileSync(log, lines(3, 4));
  });
  assert.is(text, lines(3, 4));
});

test('ignores other logs in the directory, and rotated forms that are older than the last read', async () => {
  writeFileSync(join(directory, 'access.log.3'), 'x\n'.repeat(100));
  writeFileSync(join(directory, 'other.log.1'), 'y\n');
  const { text } = await after(lines(0, 3), () => {
    renameSync(log, `${log}.1`);
    utimesSync(join(directory, 'access.log.3'), Date.now() / 1000 - 9, Date.now() / 1000 - 9);
    writeFileSync(log, lines(3, 4));
  });
  assert.is(text, lines(3, 4));
});

test('ignores copies and other sites’ logs in the directory', async () => {
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

test('reads lines once when a copy of the log has a rotated name', async () => {
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

test('treats a short log as the copy of a log that begins with the same text', async () => {
  const { text } = await after(lines(0, 3), () => {
    copyFileSync(log, `${log}.2`);
    appendFileSync(log, lines(3, 5));
    renameSync(log, `${log}.1`);
    writeFileSync(log, lines(5, 6));
  });
  assert.is(text, lines(3, 6));
});

test('reads each line once when the new log is empty and the old log still grows', async () => {
  writeFileSync(log, lines(0, 3));
  let { position } = resumePoint(log, undefined, new Date());
  const next = async () => {
    const unread = resumePoint(log, position, new Date());
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

test('ignores a pipe among the rotated forms, and refuses a pipe in place of the log', async () => {
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
    assert.throws(
      () => resumePoint(log, last, new Date()),
      /cannot read .*access\.log: it is not a regular file/,
    );
});

test('fails without waiting when a pipe replaces the log before the read', async () => {
  writeFileSync(log, lines(0, 3));
  const unread = resumePoint(log, undefined, new Date());
  rmSync(log);
  await execa('mkfifo', [log]);
  await assertRejects(() => news(unread), /it is not a regular file/);
});

test('reads all of a truncated log, and reports lost lines, when there is no copy', async () => {
  const { text, unread } = await after(lines(0, 9), () => writeFileSync(log, lines(20, 22)));
  assert.is(text, lines(20, 22));
  assert.is(unread.isLost, true);
});

test('reads a log that was empty, then filled and rotated', async () => {
  const { text } = await after('', () => {
    writeFileSync(log, lines(0, 2));
    renameSync(log, `${log}.1`);
    writeFileSync(log, lines(2, 3));
  });
  assert.is(text, lines(0, 3));
});

test('reads a log that was empty, then filled in the same tick of the file system’s clock', async () => {
  const { text } = await after('', () => {
    writeFileSync(`${log}.1`, lines(0, 2));
    const lagging = Date.now() / 1000 - 0.009;
    utimesSync(`${log}.1`, lagging, lagging);
    writeFileSync(log, lines(2, 3));
  });
  assert.is(text, lines(0, 3));
});

test('does not read older rotated forms again when the log was empty at the last read', async () => {
  writeFileSync(`${log}.1`, lines(0, 2));
  const before = Date.now() / 1000 - 0.1;
  utimesSync(`${log}.1`, before, before);
  const { text } = await after('', () => writeFileSync(log, lines(2, 3)));
  assert.is(text, lines(2, 3));
});

test('finds no lines and no position when the log does not exist', () => {
  assert.equal(resumePoint(log, undefined, new Date()), {
    parts: [],
    position: undefined,
    end: undefined,
    isLost: false,
  });
});

test.run();
