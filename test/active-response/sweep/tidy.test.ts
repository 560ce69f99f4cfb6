import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { homeAt } from '../../../active-response/home.ts';
import { responseNamed } from '../../../active-response/response/responses.ts';
import { REMEMBERED, tidy } from '../../../active-response/sweep/tidy.ts';
import { settingsWith, temporaryDirectory } from '../support.ts';

const DAY = 86_400_000;
/** Above Linux's highest process id (2^22). */
const NOBODY = 4_194_305;

function scene() {
  const home = homeAt(temporaryDirectory());
  const ended = join(home.ended, 'apache-deny');
  const blocks = join(home.blocks, 'apache-deny');
  for (const directory of [ended, blocks, home.apache]) mkdirSync(directory, { recursive: true });
  const context = { response: responseNamed('apache-deny'), home, settings: settingsWith(), env: {} };
  return {
    home,
    ended,
    blocks,
    tidy: (days: number, dryRun = false) =>
      tidy({ ...context, dryRun: dryRun ? () => {} : undefined }, Date.now() + days * DAY),
  };
}

test('prints nothing when there is nothing to tidy', () => {
  const it = scene();
  assert.equal(it.tidy(0), []);
  writeFileSync(join(it.ended, '203.0.113.9.json'), '{}');
  assert.equal(it.tidy(0), []);
  assert.ok(existsSync(join(it.ended, '203.0.113.9.json')));
});

test('forgets an entry that ended long ago, and looks for such entries only once a day', () => {
  const it = scene();
  writeFileSync(join(it.ended, '203.0.113.9.json'), '{}');
  // This entry was written long ago, but its inode change time shows that it ended just now.
  utimesSync(join(it.ended, '203.0.113.9.json'), 0, 0);
  assert.equal(it.tidy(REMEMBERED - 1), []);
  assert.equal(it.tidy(REMEMBERED + 1), ['removed 1 entry that ended more than 400 days ago']);
  assert.not(existsSync(join(it.ended, '203.0.113.9.json')));
  writeFileSync(join(it.ended, '203.0.113.10.json'), '{}');
  assert.equal(it.tidy(0.5), []);
});

test('forgets nothing in a dry run', () => {
  const it = scene();
  writeFileSync(join(it.ended, '203.0.113.9.json'), '{}');
  assert.equal(it.tidy(1000, true), []);
  assert.equal(readdirSync(it.ended), ['203.0.113.9.json']);
});

test('removes old temporary files of processes that have ended, also of one with this process’s id', () => {
  const it = scene();
  const gone = [
    join(it.blocks, `.203.0.113.9.json.${NOBODY}.tmp`),
    join(it.home.apache, `deny.map.${NOBODY}.tmp`),
    join(it.blocks, `.203.0.113.9.json.${process.pid}-_4711.tmp`),
  ];
  const alive = join(it.blocks, `.203.0.113.9.json.${process.ppid}.tmp`);
  const foreign = join(it.home.apache, 'notes.tmp');
  for (const file of [...gone, alive, foreign]) writeFileSync(file, '');
  assert.equal(it.tidy(0), []);
  assert.equal(it.tidy(1), ['removed 3 unfinished temporary files']);
  assert.equal([...gone, alive, foreign].map(existsSync), [false, false, false, true, true]);
});

test('corrects a response’s file only in a home that has blocked with this response', () => {
  const home = homeAt(temporaryDirectory());
  const file = join(temporaryDirectory(), 'deny.map');
  const text = '# Addresses that HAProxy denies.\n203.0.113.7 deny\n';
  writeFileSync(file, text);
  const response = responseNamed('haproxy-deny');
  const context = {
    response,
    home,
    settings: settingsWith({ haproxyFile: file }),
    env: {},
    dryRun: undefined,
  };
  assert.equal(tidy(context), []);
  assert.is(readFileSync(file, 'utf8'), text);
  mkdirSync(join(home.blocks, 'haproxy-deny'), { recursive: true });
  assert.equal(tidy(context), [`${file}: corrected 1 entry`]);
});

test.run();
