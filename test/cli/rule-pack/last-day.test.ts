import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DAY, logsSince } from '../../../cli/rule-pack/last-day.ts';
import type { OpenLog } from '../../../logs/files/open-log.ts';
import { parseLogSource } from '../../../logs/sources/log-source.ts';
import { temporaryDirectory } from '../../active-response/support.ts';

const NOW = 1_796_000_000;
const line = (time: number) =>
  `192.0.2.1 - - [${stamp(time)}] "GET /${'x'.repeat(200)} HTTP/1.1" 200 1 "-" "-"\n`;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
function stamp(time: number): string {
  const [, year, month, day, clock] =
    /^(\d+)-(\d+)-(\d+)T([\d:]+)/.exec(new Date(time * 1000).toISOString()) ?? [];
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${clock} +0000`;
}

async function textOf({ stream }: OpenLog): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += chunk;
  return text;
}

async function read(path: string, io = { err: (text: string) => assert.unreachable(text) }) {
  const logs = logsSince([parseLogSource(path)], NOW - DAY, io as never);
  return Promise.all(logs.map(async ({ name, open }) => ({ name, text: await textOf(open()) })));
}

test('reads only the end of a long log: the lines of the last day, and perhaps some earlier lines', async () => {
  const log = join(temporaryDirectory(), 'access.log');
  const times = Array.from({ length: 10 * 24 * 60 }, (_, index) => NOW - 10 * DAY + index * 60);
  writeFileSync(log, times.map(line).join(''));
  const [{ text } = { text: '' }] = await read(log);
  const lines = text
    .trimEnd()
    .split('\n')
    .map((each) => `${each}\n`);
  const wanted = times.filter((time) => time >= NOW - DAY);
  assert.ok(lines.length >= wanted.length && lines.length < 2 * wanted.length, `${lines.length} lines`);
  assert.equal(lines.slice(-wanted.length), wanted.map(line));
  assert.ok(times.map(line).includes(lines[0] ?? ''));
});

test('reads the rotated files of the last day before the log itself', async () => {
  const log = join(temporaryDirectory(), 'access.log');
  for (const [path, age] of [
    [`${log}.2`, 2 * DAY],
    [`${log}.1`, 3600],
    [log, 0],
  ] as const) {
    writeFileSync(path, line(NOW - age));
    utimesSync(path, NOW - age, NOW - age);
  }
  assert.equal(
    (await read(log)).map(({ name }) => name),
    [`${log}.1`, log],
  );
});

test('reads all of a small log without times, and says which log is missing', async () => {
  const log = join(temporaryDirectory(), 'access.log');
  let said = '';
  const io = {
    err: (text: string) => {
      said += text;
    },
  };
  assert.equal(await read(log, io), []);
  assert.match(said, `there is no ${log}`);
  writeFileSync(log, 'no time here\n'.repeat(50_000));
  assert.is((await read(log))[0]?.text.length, 13 * 50_000);
});

test.run();
