import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { builtInSources } from '../../engine/ruleset/built-in.ts';
import { loadRuleset } from '../../engine/ruleset/ruleset.ts';
import type { Detection } from '../../evaluate/detection.ts';
import type { Position } from '../../logs/files/position.ts';
import { LineEvaluator } from '../../serve/line-evaluator.ts';
import { WatchedLog } from '../../serve/watched-log.ts';
import { burst, morfeus, visit } from '../lab/access-log.ts';

const test = suite('watched-log');
const ruleset = loadRuleset(builtInSources('ossec', false));
let directory = '';
let log = '';
let found: { found: Detection; isLate: boolean }[] = [];
let watched: WatchedLog;

test.before.each(() => {
  directory = mkdtempSync(join(tmpdir(), 'riposte-watched-'));
  log = join(directory, 'access.log');
  writeFileSync(log, '');
});
test.after.each(() => {
  watched.close();
  rmSync(directory, { recursive: true });
});

function watch(onFound = () => {}): void {
  found = [];
  watched = new WatchedLog(
    { location: log, reader: undefined },
    new LineEvaluator(ruleset, 10),
    (each, _, isLate) => {
      found.push({ found: each, isLate });
      onFound();
    },
  );
}

/** Reads like a server that is then killed. @returns the position at which the next server begins */
async function run(last: Position | undefined, change = () => {}): Promise<Position | undefined> {
  watch();
  await watched.catchUp(last);
  change();
  while (watched.read());
  return watched.position;
}

/** Lines of `count` visitors. */
const crowd = (count: number) =>
  Array.from({ length: count }, (_, index) => visit(`198.19.${index >> 8}.${index & 255}`)).join('');

const addresses = () => found.map((each) => `${each.found.address}${each.isLate ? ' late' : ''}`);

test('finds a detection again after each crash until the detection is handled', async () => {
  const first = await run(undefined, () =>
    appendFileSync(log, visit('198.51.100.7') + morfeus('203.0.113.9')),
  );
  assert.equal(addresses(), ['203.0.113.9']);
  const second = await run(first);
  assert.equal(addresses(), ['203.0.113.9 late']);
  for (const each of found) watched.handled(each.found);
  await run(watched.position);
  assert.equal(addresses(), []);
  assert.is(second?.offset, first?.offset);
});

test('finds a burst when a crash comes between its two halves', async () => {
  const first = await run(undefined, () => appendFileSync(log, burst('203.0.113.9', 9)));
  assert.equal(addresses(), []);
  await run(first, () => appendFileSync(log, burst('203.0.113.9', 9, Date.now(), 9)));
  assert.ok(addresses().includes('203.0.113.9'));
});

test('skips no detection when a later detection is handled first', async () => {
  await run(undefined, () => appendFileSync(log, morfeus('203.0.113.9')));
  appendFileSync(log, morfeus('203.0.113.10'));
  while (watched.read());
  const [, quick] = found;
  if (quick) watched.handled(quick.found);
  await run(watched.position);
  assert.equal(addresses(), ['203.0.113.9 late', '203.0.113.10 late']);
});

test('keeps the old position when the catch-up is stopped', async () => {
  const first = await run(undefined);
  appendFileSync(log, crowd(300) + morfeus('203.0.113.9') + crowd(3000));
  watch(() => watched.stop());
  await watched.catchUp(first);
  assert.equal(addresses().at(-1), '203.0.113.9 late');
  assert.equal(watched.position, first);
});

test('has no position before reading has begun', () => {
  watch();
  assert.is(watched.position, undefined);
});

test('reads the rest of the old file and the new file when the log is rotated during a catch-up', async () => {
  const first = await run(undefined);
  appendFileSync(log, morfeus('203.0.113.9') + crowd(100));
  watch(() => {
    if (found.length > 1) return;
    appendFileSync(log, morfeus('203.0.113.10'));
    renameSync(log, `${log}.1`);
    writeFileSync(log, crowd(200) + morfeus('203.0.113.11'));
  });
  await watched.catchUp(first);
  while (watched.read());
  for (const last of [9, 10, 11])
    assert.ok(
      addresses().some((each) => each.startsWith(`203.0.113.${last}`)),
      `${last}: ${addresses()}`,
    );
});

test('reads new lines of the old file once after a restart while the new log is empty', async () => {
  const first = await run(undefined, () => appendFileSync(log, morfeus('203.0.113.9')));
  for (const each of found) watched.handled(each.found);
  renameSync(log, `${log}.1`);
  writeFileSync(log, '');
  await run(watched.position);
  assert.equal(addresses(), []);
  appendFileSync(`${log}.1`, morfeus('203.0.113.10'));
  await run(watched.position, () => appendFileSync(log, morfeus('203.0.113.11')));
  assert.equal(addresses(), ['203.0.113.10 late', '203.0.113.11']);
  assert.is(first?.offset, 0);
});

test('refuses a pipe at the log’s path without blocking', async () => {
  const first = await run(undefined, () => appendFileSync(log, crowd(1)));
  renameSync(log, `${log}.1`);
  await execa('mkfifo', [log]);
  const error = await run(first).catch((error) => error);
  assert.match(error.message, /it is not a regular file/);
});

test('waits for a log whose directory does not exist', async () => {
  rmSync(directory, { recursive: true });
  const first = await run(undefined);
  await run(first);
  assert.is(watched.isThere, false);
  mkdirSync(directory);
  writeFileSync(log, morfeus('203.0.113.9'));
  await run(first);
  assert.equal(addresses(), ['203.0.113.9 late']);
});

test.run();
