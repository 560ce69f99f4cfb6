import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { collect } from '../../../cli/metrics/collect.ts';
import { exposition } from '../../../cli/metrics/exposition.ts';
import { countedFile } from '../../../cli/metrics/state-file.ts';
import { type Scene, scene } from '../scene.ts';

let at: Scene;
let journal: string;
/** Each event is another, as each has its time. */
let made = 0;

function anew(): void {
  at = scene();
  journal = at.home.journal;
  at.write('var/riposte/events.jsonl', '');
}
test.before.each(anew);

function event(some: object = {}): string {
  const time = new Date(1_780_000_000_000 + made++ * 1000).toISOString();
  return `${JSON.stringify({ time, event: 'blocked', response: 'apache-deny', rule: '31151', ms: 10, ...some })}\n`;
}
const happens = (count = 1, some = {}) =>
  appendFileSync(journal, Array.from({ length: count }, () => event(some)).join(''));

/** Without programs: no kernel is looked at. */
const PATH = { PATH: '' };

async function look(): Promise<{ text: string; told: string[] }> {
  const told: string[] = [];
  const { families, failures } = await collect(at.home, PATH, (message) => told.push(message));
  return { text: exposition(families), told: [...told, ...failures.map(({ message }) => message)] };
}
const valueIn = (text: string, metric: string): number =>
  Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${metric} `))
      ?.split(' ')
      .at(-1),
  );
const blocks = async () => {
  const { text, told } = await look();
  assert.equal(told, []);
  return valueIn(text, 'riposte_blocks_total{response="apache-deny",rule="31151"}');
};

/** What logrotate does, by rename, with delaycompress. */
function rotate(file = journal): void {
  for (const [from, to] of [
    ['.2.gz', '.3.gz'],
    ['.1', '.2'],
  ] as const)
    renameIfThere(`${file}${from}`, `${file}${to}`);
  if (isThere(`${file}.2`)) execFileSync('gzip', ['-f', `${file}.2`]);
  renameIfThere(file, `${file}.1`);
  writeFileSync(file, '');
}
function renameIfThere(from: string, to: string): void {
  if (isThere(from)) renameSync(from, to);
}
function isThere(file: string): boolean {
  return at.read(file.slice(at.home.root.length + 1)) !== '';
}

test('the journal is counted once, however often somebody asks', async () => {
  happens(3);
  assert.is(await blocks(), 3);
  assert.is(await blocks(), 3);
  happens(2);
  assert.is(await blocks(), 5);
});

test('before the first event there are zeros, and no failure', async () => {
  rmSync(journal);
  const { text, told } = await look();
  assert.is(valueIn(text, 'riposte_outcomes_total{response="route-null",outcome="failed"}'), 0);
  assert.equal(told, []);
  assert.not.match(text, /_success\{.*\} 0/);
});

test('the first time, what was rotated before counts as well, but no copy that somebody has made', async () => {
  happens(4);
  copyFileSync(journal, `${journal}.bak`);
  rotate();
  happens(3);
  rotate();
  assert.is(await blocks(), 7);
  happens();
  copyFileSync(journal, `${journal}.bak`);
  assert.is(await blocks(), 8);
});

test('nothing is lost or counted twice when the journal is rotated, once or twice', async () => {
  happens(3);
  assert.is(await blocks(), 3);
  happens(2);
  rotate();
  assert.is(await blocks(), 5);
  happens(1);
  rotate();
  happens(1);
  rotate();
  assert.is(await blocks(), 7);
  happens(1);
  assert.is(await blocks(), 8);
});

test('a rotated file does not count again when its time changes while the journal is empty', async () => {
  happens(3);
  rotate();
  assert.is(await blocks(), 3);
  const later = new Date(Date.now() + 60_000);
  utimesSync(`${journal}.1`, later, later);
  assert.is(await blocks(), 3);
  happens();
  assert.is(await blocks(), 4);
});

test('counters stay when the rotated files are removed, or the journal is emptied or removed', async () => {
  happens(3);
  rotate();
  assert.is(await blocks(), 3);
  rmSync(`${journal}.1`);
  assert.is(await blocks(), 3);
  happens(2);
  assert.is(await blocks(), 5);
  truncateSync(journal);
  assert.is(await blocks(), 5);
  happens();
  assert.is(await blocks(), 6);
  rmSync(journal);
  assert.is(await blocks(), 6);
  happens();
  assert.is(await blocks(), 7);
});

test('a line that is still being written counts when it is whole', async () => {
  const line = event();
  appendFileSync(journal, line.slice(0, 20));
  assert.not(await blocks());
  appendFileSync(journal, line.slice(20));
  assert.is(await blocks(), 1);
});

test('lines that hold no event count nothing', async () => {
  appendFileSync(journal, '{"time":"2026-11-20\nnull\n[]\n{}\n\n');
  happens();
  assert.is(await blocks(), 1);
});

test('a crash before the state is written changes nothing; nor do two who count at once', async () => {
  happens(3);
  await look();
  const state = at.read('var/riposte/metrics.json');
  happens(4);
  assert.is(await blocks(), 7);
  writeFileSync(countedFile(at.home), state);
  assert.is(await blocks(), 7);
  happens(5);
  await Promise.all([look(), look(), look()]);
  assert.is(await blocks(), 12);
});

for (const damage of ['', '{', '[]', '{"counts":5,"dropped":{}}', '{"counts":{},"dropped":{},"journal":{}}'])
  test(`a state that holds ${damage || 'nothing'} is said to be damaged, and all is counted anew`, async () => {
    happens(2);
    writeFileSync(countedFile(at.home), damage);
    const { text, told } = await look();
    assert.match(told.join(), /metrics\.json is damaged/);
    assert.is(valueIn(text, 'riposte_outcomes_total{response="apache-deny",outcome="blocked"}'), 2);
    assert.is(await blocks(), 2);
  });

test('wrong numbers in the state do not spread', async () => {
  happens(1);
  await look();
  const state = JSON.parse(at.read('var/riposte/metrics.json'));
  Object.assign(state.counts['apache-deny'], { outcomes: 7, aborts: -1, timed: null });
  writeFileSync(countedFile(at.home), JSON.stringify(state));
  const { text } = await look();
  assert.is(valueIn(text, 'riposte_outcomes_total{response="apache-deny",outcome="blocked"}'), 0);
  assert.is(valueIn(text, 'riposte_handshake_aborts_total{response="apache-deny"}'), 0);
});

test('refusals, which only active-responses.log has, are counted there, also when it is rotated', async () => {
  const log = at.home.activeResponsesLog;
  const line = (id: number) =>
    `Fri Nov 20 09:29:46 UTC 2026 /var/ossec/active-response/bin/apache-deny.js add - - 1.${id} 5 refused: 'x' is no address\n`;
  const refusals = async () =>
    valueIn((await look()).text, 'riposte_outcomes_total{response="apache-deny",outcome="refused"}');
  at.write('logs/active-responses.log', line(1) + line(2));
  assert.is(await refusals(), 2);
  appendFileSync(log, line(3));
  rotate(log);
  appendFileSync(log, line(4));
  assert.is(await refusals(), 4);
});

test('a pipe in the place of the log is named, keeps nobody waiting, and the rest is told', async () => {
  happens(2);
  at.write('logs/x', '');
  execFileSync('mkfifo', [at.home.activeResponsesLog]);
  execFileSync('mkfifo', [`${journal}.1`]);
  const { text, told } = await look();
  assert.equal(told, [`cannot read ${at.home.activeResponsesLog}: it is no regular file; move it away`]);
  assert.match(text, 'riposte_collection_success{part="log"} 0\n');
  assert.match(text, 'riposte_collection_success{part="journal"} 1\n');
  rmSync(at.home.activeResponsesLog);
  assert.is(await blocks(), 2);
});

test('who is blocked now is counted by rule and by state, without a name', async () => {
  at.ledger('203.0.113.7', 'apache-deny', { rule: '31151' });
  at.ledger('203.0.113.8', 'apache-deny', { until: '2026-01-01T00:00:00.000Z' });
  at.write('var/riposte/blocks/apache-deny/203.0.113.9.json', 'x');
  at.write('var/riposte/apache/deny.map', '203.0.113.77 deny\n');
  const { text } = await look();
  const now = (metric: string) => valueIn(text, metric.replace('{', '{response="apache-deny",'));
  assert.is(now('riposte_blocks{rule="31151"}'), 1);
  assert.is(now('riposte_blocks{rule="none"}'), 1);
  assert.is(now('riposte_block_states{state="missing"}'), 1);
  assert.is(now('riposte_block_states{state="over"}'), 1);
  assert.is(now('riposte_block_states{state="damaged"}'), 1);
  assert.is(valueIn(text, 'riposte_strays{response="apache-deny"}'), 1);
  assert.not.match(text, /203\.0\.113/);
});

test('a thousand rules make no thousand time series, and their sum is right', async () => {
  for (let rule = 1; rule <= 1000; rule++) happens(1, { rule: String(rule) });
  const { text } = await look();
  const series = [...text.matchAll(/^riposte_blocks_total\{.*\} (\d+)$/gm)].map(([, value]) => Number(value));
  assert.is(series.length, 201);
  assert.is(
    series.reduce((a, b) => a + b),
    1000,
  );
});

test('what was rotated before counts once, though it was written in the same step of the file system’s clock', async () => {
  happens();
  rotate();
  happens();
  assert.is(await blocks(), 2);
  rotate();
  const now = Date.now() / 1000;
  for (const file of [`${journal}.1`, `${journal}.2.gz`]) utimesSync(file, now, now);
  assert.is(await blocks(), 2);
});

test('whatever happens in whatever order, each event counts once', async () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.constant('event') },
    { weight: 2, arbitrary: fc.constant('look') },
    { weight: 1, arbitrary: fc.constant('rotate') },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
      anew();
      let count = 0;
      let unseen = 0; // rotations since the last look: of what is older than .3.gz nothing is left
      for (const each of steps) {
        if (each === 'event') happens(++count && 1);
        if (each === 'rotate' && unseen < 3 && at.read('var/riposte/events.jsonl') !== '') {
          rotate();
          unseen++;
        }
        if (each === 'look') {
          unseen = 0;
          assert.is((await blocks()) || 0, count);
        }
      }
      assert.is((await blocks()) || 0, count);
    }),
    { numRuns: 40 },
  );
});

test.run();
