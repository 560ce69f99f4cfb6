import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readPart } from '../../logs/files/read-part.ts';
import { resumePoint } from '../../logs/files/resume-point.ts';
import { FollowedLog } from '../../logs/follow/follow-log.ts';
import { findLogs, type SourceLog } from '../../logs/sources/find-logs.ts';
import { parseLogSource } from '../../logs/sources/log-source.ts';
import { PatternWatch } from '../../logs/sources/pattern-watch.ts';
import { temporaryDirectory } from '../active-response/support.ts';

const test = suite('container-log');
let containers = '';
let now = 0;

test.before.each(() => {
  containers = temporaryDirectory();
  now = 0;
});

/** The log of a container, as Docker's json-file driver names it. */
function logOf(id: string): string {
  mkdirSync(join(containers, id), { recursive: true });
  return join(containers, id, `${id}-json.log`);
}

const entry = (text: string) =>
  `${JSON.stringify({ log: `${text}\n`, stream: 'stdout', time: '2026-11-20T09:00:00.1Z' })}\n`;
const messageOf = (line: string) => JSON.parse(line).log.trimEnd();

const sources = () => [parseLogSource(`${containers}/*/*-json.log=docker:combined`)];

/** Follows a log from its beginning. @returns a function that reads all new lines */
function follow({ name }: SourceLog): () => string[] {
  const got: string[] = [];
  const followed = new FollowedLog(
    name,
    (lines) => got.push(...lines.map(({ text }) => messageOf(text))),
    0,
    () => now,
  );
  return () => {
    while (followed.read());
    return got.splice(0);
  };
}

test('follows a container’s log through Docker’s rotation', () => {
  const log = logOf('0a1b');
  writeFileSync(log, entry('a'));
  const [found] = findLogs(sources()).logs;
  assert.ok(found);
  assert.equal([found.name, found.format], [log, 'docker:combined']);
  const news = follow(found);
  assert.equal(news(), ['a']);
  for (const [before, after] of [
    ['b', 'c'],
    ['d', 'e'],
  ] as const) {
    appendFileSync(log, entry(before));
    renameSync(log, `${log}.1`);
    writeFileSync(log, entry(after));
    assert.equal(news(), [before, after]);
  }
  rmSync(log); // max-file=1
  writeFileSync(log, entry('f'));
  assert.equal(news(), ['f']);
});

test('finds a new container’s log without its rotated forms, and reports it as gone when it is removed', () => {
  writeFileSync(logOf('0a1b'), entry('a'));
  const watch = new PatternWatch(sources(), findLogs(sources()).logs, () => now);
  const look = (after: number) => {
    now += after;
    const { added, gone } = watch.look();
    return [added.map(({ name }) => name), gone.map(({ name }) => name)];
  };
  const log = logOf('2c3d');
  writeFileSync(log, entry('b'));
  writeFileSync(`${log}.1`, entry('a'));
  writeFileSync(`${log}.2.gz`, gzipSync(entry('0')));
  assert.equal(look(5000), [[log], []]);
  rmSync(join(containers, '2c3d'), { recursive: true });
  assert.equal(look(10 * 60_000), [[], [log]]);
});

test('reads the files that Docker has rotated and compressed since the last read', async () => {
  const log = logOf('0a1b');
  const first = Array.from({ length: 20 }, (_, i) => `first ${i}`);
  writeFileSync(log, first.map(entry).join(''));
  const { position } = resumePoint(log, undefined, new Date());
  writeFileSync(`${log}.2.gz`, gzipSync([...first, 'a', 'b'].map(entry).join('')));
  writeFileSync(`${log}.1`, entry('c'));
  writeFileSync(log, entry('d'));
  const texts: string[] = [];
  for (const part of resumePoint(log, position, new Date()).parts.filter(({ isContext }) => !isContext))
    for await (const chunk of readPart(part)) texts.push(chunk.toString());
  assert.equal(texts.join('').trimEnd().split('\n').map(messageOf), ['a', 'b', 'c', 'd']);
});

test.run();
