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
import { BLOCK_CLASSES } from '../../evaluate/answers/block-class.ts';
import { collect } from '../../metrics/collect.ts';
import { exposition } from '../../metrics/exposition.ts';
import { countedFile } from '../../metrics/state-file.ts';
import { type Scene, scene } from '../cli/scene.ts';
import { valueIn } from './value-in.ts';

let at: Scene;
let journal: string;
/** Counts the events, so that each event gets a time of its own. */
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

/** An empty PATH, so that no program reads the kernel. */
const PATH = { PATH: '' };

async function look(): Promise<{ text: string; messages: string[] }> {
  const messages: string[] = [];
  const { families, failures } = await collect(at.home, PATH, (message) => messages.push(message));
  return { text: exposition(families), messages: [...messages, ...failures.map(({ message }) => message)] };
}
const blocks = async () => {
  const { text, messages } = await look();
  assert.equal(messages, []);
  return valueIn(text, 'riposte_blocks_total{response="apache-deny",rule="31151"}');
};

/** Rotates a file as logrotate does with delaycompress: by renaming. */
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

test('counts each event of the journal once in several collections', async () => {
  happens(3);
  assert.is(await blocks(), 3);
  assert.is(await blocks(), 3);
  happens(2);
  assert.is(await blocks(), 5);
});

test('returns zeros without a failure before the first event', async () => {
  rmSync(journal);
  const { text, messages } = await look();
  assert.is(valueIn(text, 'riposte_outcomes_total{response="route-null",outcome="failed"}'), 0);
  assert.equal(messages, []);
  assert.not.match(text, /_success\{.*\} 0/);
});

test('counts rotated journals at the first collection, but no other copies of the journal', async () => {
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

test('counts each event once when the journal is rotated once or twice', async () => {
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

test('counts a rotated file once when its time changes while the journal is empty', async () => {
  happens(3);
  rotate();
  assert.is(await blocks(), 3);
  const later = new Date(Date.now() + 60_000);
  utimesSync(`${journal}.1`, later, later);
  assert.is(await blocks(), 3);
  happens();
  assert.is(await blocks(), 4);
});

test('keeps its counters when rotated files are removed, or the journal is emptied or removed', async () => {
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

test('counts an event only when its line is whole', async () => {
  const line = event();
  appendFileSync(journal, line.slice(0, 20));
  assert.not(await blocks());
  appendFileSync(journal, line.slice(20));
  assert.is(await blocks(), 1);
});

test('ignores lines without an event', async () => {
  appendFileSync(journal, '{"time":"2026-11-20\nnull\n[]\n{}\n\n');
  happens();
  assert.is(await blocks(), 1);
});

test('counts each event once after a crash, and with two concurrent collections', async () => {
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
  test(`warns and counts anew when the state holds ${damage || 'nothing'}`, async () => {
    happens(2);
    writeFileSync(countedFile(at.home), damage);
    const { text, messages } = await look();
    assert.match(messages.join(), /metrics\.json is damaged/);
    assert.is(valueIn(text, 'riposte_outcomes_total{response="apache-deny",outcome="blocked"}'), 2);
    assert.is(await blocks(), 2);
  });

test('ignores wrong numbers in the state', async () => {
  happens(1);
  await look();
  const state = JSON.parse(at.read('var/riposte/metrics.json'));
  Object.assign(state.counts['apache-deny'], { outcomes: 7, aborts: -1, timed: null });
  writeFileSync(countedFile(at.home), JSON.stringify(state));
  const { text } = await look();
  assert.is(valueIn(text, 'riposte_outcomes_total{response="apache-deny",outcome="blocked"}'), 0);
  assert.is(valueIn(text, 'riposte_handshake_aborts_total{response="apache-deny"}'), 0);
});

test('counts refusals in active-responses.log, even after its rotation', async () => {
  const log = at.home.activeResponsesLog;
  const line = (id: number) =>
    `Fri Nov 20 09:29:46 UTC 2026 /var/ossec/active-response/bin/apache-deny.js add - - 1.${id} 5 refused: 'x' is not an address\n`;
  const refusals = async () =>
    valueIn((await look()).text, 'riposte_outcomes_total{response="apache-deny",outcome="refused"}');
  at.write('logs/active-responses.log', line(1) + line(2));
  assert.is(await refusals(), 2);
  appendFileSync(log, line(3));
  rotate(log);
  appendFileSync(log, line(4));
  assert.is(await refusals(), 4);
});

test('reports a pipe in place of the log without waiting, and collects the rest', async () => {
  happens(2);
  at.write('logs/x', '');
  execFileSync('mkfifo', [at.home.activeResponsesLog]);
  execFileSync('mkfifo', [`${journal}.1`]);
  const { text, messages } = await look();
  assert.equal(messages, [
    `cannot read ${at.home.activeResponsesLog}: it is not a regular file; move it away`,
  ]);
  assert.match(text, 'riposte_collection_success{part="log"} 0\n');
  assert.match(text, 'riposte_collection_success{part="journal"} 1\n');
  rmSync(at.home.activeResponsesLog);
  assert.is(await blocks(), 2);
});

test('counts current blocks by rule and by state, and names no address', async () => {
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

test('counts current blocks by class', async () => {
  const until = '2100-01-01T00:00:00.000Z';
  at.ledger('203.0.113.1', 'apache-deny', { rule: '117102' });
  at.ledger('203.0.113.2', 'apache-deny', { rule: '117102', origins: { drop: until }, ownUntil: until });
  at.ledger('203.0.113.3', 'apache-deny', { origins: { drop: until } });
  at.ledger('203.0.113.4', 'apache-deny', { origins: { drop: until, 'fail2ban:sshd': until } });
  at.ledger('203.0.113.5', 'apache-deny', { isOwn: true });
  at.ledger('203.0.113.6', 'apache-deny', { rule: '5712' });
  const { text } = await look();
  const samples = text.match(/^riposte_blocks_by_class\{response="apache-deny".*/gm) ?? [];
  assert.is(samples.length, BLOCK_CLASSES.length);
  const others = samples.filter((line) => !line.endsWith(' 0'));
  assert.equal(others, [
    'riposte_blocks_by_class{response="apache-deny",class="by-hand"} 1',
    'riposte_blocks_by_class{response="apache-deny",class="list"} 1',
    'riposte_blocks_by_class{response="apache-deny",class="other-rule"} 1',
    'riposte_blocks_by_class{response="apache-deny",class="probes"} 2',
    'riposte_blocks_by_class{response="apache-deny",class="program"} 1',
  ]);
});

test('continues the counts of a version that counted only by rule', async () => {
  happens(3, { rule: '117104' });
  const ofLogins = async () => {
    const { text, messages } = await look();
    assert.equal(messages, []);
    assert.is(
      valueIn(text, 'riposte_blocks_total{response="apache-deny",rule="117104"}'),
      valueIn(text, 'riposte_blocks_by_class_total{response="apache-deny",class="logins"}'),
    );
    assert.is(valueIn(text, 'riposte_blocks_by_class_total{response="route-null",class="logins"}'), 0);
    return valueIn(text, 'riposte_blocks_by_class_total{response="apache-deny",class="logins"}');
  };
  assert.is(await ofLogins(), 3);
  const state = JSON.parse(at.read('var/riposte/metrics.json'));
  for (const counts of Object.values<{ classes?: object }>(state.counts)) delete counts.classes;
  writeFileSync(countedFile(at.home), JSON.stringify(state));
  happens(1, { rule: '117104' });
  assert.is(await ofLogins(), 4);
  assert.is(await ofLogins(), 4);
});

test('limits the time series of a thousand rules, and keeps their sum', async () => {
  for (let rule = 1; rule <= 1000; rule++) happens(1, { rule: String(rule) });
  const { text } = await look();
  const series = [...text.matchAll(/^riposte_blocks_total\{.*\} (\d+)$/gm)].map(([, value]) => Number(value));
  assert.is(series.length, 201);
  assert.is(
    series.reduce((a, b) => a + b),
    1000,
  );
});

test('counts a rotated journal once when it was written in the same tick of the file system’s clock', async () => {
  happens();
  rotate();
  happens();
  assert.is(await blocks(), 2);
  rotate();
  const now = Date.now() / 1000;
  for (const file of [`${journal}.1`, `${journal}.2.gz`]) utimesSync(file, now, now);
  assert.is(await blocks(), 2);
});

test('counts each event once in any sequence of events, rotations and collections', async () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.constant('event') },
    { weight: 2, arbitrary: fc.constant('look') },
    { weight: 1, arbitrary: fc.constant('rotate') },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
      anew();
      let count = 0;
      let unseen = 0; // rotations since the last collection: a fourth would remove a file that was not counted
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
