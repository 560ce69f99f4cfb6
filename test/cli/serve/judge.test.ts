import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Judge, LateClock } from '../../../cli/serve/judge.ts';
import { builtInSources } from '../../../engine/ruleset/built-in.ts';
import { loadRuleset } from '../../../engine/ruleset/ruleset.ts';
import { burst, morfeus, request } from '../../lab/access-log.ts';

const test = suite('judge');
const ruleset = loadRuleset(builtInSources('ossec', false));
const NOW = Date.parse('2026-11-20T09:00:00Z');
let now = NOW;
let judge: Judge;

test.before.each(() => {
  now = NOW;
  judge = new Judge(ruleset, 10, () => now);
});

const lines = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((each) => ({ text: each, cut: 0 }));
const live = (text: string) => lines(text).flatMap((line) => judge.live(line, '/var/log/access.log') ?? []);

test('who raises an alert of the level is found, with all that is told of him', () => {
  const [found] = live(morfeus('203.0.113.9'));
  assert.is(found?.address, '203.0.113.9');
  assert.is(found?.time, NOW / 1000);
  assert.is(found?.location, '/var/log/access.log');
  assert.ok((found?.level ?? 0) >= 10 && (found?.rule ?? 0) >= 117000);
  assert.is(judge.alerts, 1);
});

test('lines that come in are counted by their arrival, whatever time they say', () => {
  const slow = lines(burst('203.0.113.9', 40, NOW));
  const found = slow.flatMap((line) => {
    now += 30_000;
    return judge.live(line, 'log') ?? [];
  });
  assert.equal(found, []);
});

test('lines that were written while nobody read are counted by their own time', () => {
  const hour = 3600_000;
  const slow = Array.from({ length: 40 }, (_, index) =>
    request('203.0.113.9', `/${index}.php`, 404, NOW - 2 * hour + index * 30_000),
  );
  const clock = new LateClock(NOW / 1000);
  assert.equal([...judge.late(lines(slow.join('')), 'log', clock)], []);
  const fast = lines(burst('203.0.113.10', 40, NOW - hour));
  const [found] = [...judge.late(fast, 'log', clock)];
  assert.is(found?.time, (NOW - hour) / 1000);
});

test('a clock that is set back forgets what was counted, and counts on', () => {
  assert.equal(live(burst('203.0.113.9', 8)), []);
  now -= 3600_000;
  assert.equal(live(burst('203.0.113.9', 8)), []);
  assert.ok(live(burst('203.0.113.9', 12)).length > 0);
});

test('a clock that is set back by a second, as time servers do, forgets nothing', () => {
  assert.equal(live(burst('203.0.113.9', 8)), []);
  now -= 1000;
  assert.ok(live(burst('203.0.113.9', 12)).length > 0);
});

test('a clock that is set forward finds the next burst', () => {
  assert.equal(live(burst('203.0.113.9', 8)), []);
  now += 10 * 86_400_000;
  assert.equal(live(burst('203.0.113.9', 8)), []);
  assert.ok(live(burst('203.0.113.9', 12)).length > 0);
});

test('the line that is kept with an alert is cut, as many may wait', () => {
  const [found] = live(request('203.0.113.9', `/${'a'.repeat(8000)}`, 404, NOW, 'Morfeus Fucking Scanner'));
  assert.is(found?.line.length, 2000);
});

test('with other rules what was counted is forgotten', () => {
  assert.equal(live(burst('203.0.113.9', 8)), []);
  judge.use(ruleset);
  assert.equal(live(burst('203.0.113.9', 8)), []);
});

test('a thousand sources that scan in turn are all found', () => {
  const sources = Array.from({ length: 1000 }, (_, index) => `198.18.${index >> 8}.${index & 255}`);
  const found = new Set<string>();
  for (let page = 0; page < 20; page++) {
    for (const source of sources) {
      for (const { address } of live(request(source, `/page${page}.php`, 404, NOW))) found.add(address);
    }
  }
  assert.is(found.size, 1000);
});

test.run();
