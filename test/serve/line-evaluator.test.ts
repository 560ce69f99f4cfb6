import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { builtInSources } from '../../engine/ruleset/built-in.ts';
import { loadRuleset } from '../../engine/ruleset/ruleset.ts';
import { OwnTime } from '../../evaluate/timing.ts';
import { LogReader } from '../../logs/readers/log-format.ts';
import { LineEvaluator } from '../../serve/line-evaluator.ts';
import { burst, morfeus, request } from '../lab/access-log.ts';

const test = suite('judge');
const ruleset = loadRuleset(builtInSources('ossec', false));
const NOW = Date.parse('2026-11-20T09:00:00Z');
let now = NOW;
let judge: LineEvaluator;
const policy = { trustsPeer: false, proxies: undefined };
const accessLog = {
  location: '/var/log/access.log',
  reader: new LogReader({ policy, now: NOW / 1000 }),
};

test.before.each(() => {
  now = NOW;
  judge = new LineEvaluator(ruleset, 10, { trustsErrorLog: false, hasErrorLog: false }, () => now);
});

const lines = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((each) => ({ text: each, cut: 0 }));
const live = (text: string) => lines(text).flatMap((line) => judge.live(line, accessLog));

test('returns a detection with its details when an alert has the required level', () => {
  const [found] = live(morfeus('203.0.113.9'));
  assert.is(found?.address, '203.0.113.9');
  assert.is(found?.time, NOW / 1000);
  assert.is(found?.location, '/var/log/access.log');
  assert.ok((found?.level ?? 0) >= 10 && (found?.rule ?? 0) >= 117000);
  assert.is(judge.alerts, 1);
});

test('counts live lines by the time of their arrival, whatever time they hold', () => {
  const slow = lines(burst('203.0.113.9', 40, NOW));
  const found = slow.flatMap((line) => {
    now += 150_000;
    return judge.live(line, accessLog);
  });
  assert.equal(found, []);
});

test('counts late lines by their own time', () => {
  const hour = 3600_000;
  const slow = Array.from({ length: 40 }, (_, index) =>
    request('203.0.113.9', `/${index}.php`, 404, NOW - 3 * hour + index * 150_000),
  );
  const clock = new OwnTime(NOW / 1000);
  assert.equal([...judge.late(lines(slow.join('')), accessLog, clock)], []);
  const fast = lines(burst('203.0.113.10', 40, NOW - hour));
  const [found] = [...judge.late(fast, accessLog, clock)];
  assert.is(found?.time, (NOW - hour) / 1000);
});

test('resets the counters when the clock is set back', () => {
  assert.equal(live(burst('203.0.113.9', 8)), []);
  now -= 3600_000;
  assert.equal(live(burst('203.0.113.9', 8)), []);
  assert.ok(live(burst('203.0.113.9', 16)).length > 0);
});

test('keeps the counters when a time server sets the clock back by a second', () => {
  assert.equal(live(burst('203.0.113.9', 8)), []);
  now -= 1000;
  assert.ok(live(burst('203.0.113.9', 16)).length > 0);
});

test('finds the next burst when the clock is set forward', () => {
  assert.equal(live(burst('203.0.113.9', 8)), []);
  now += 10 * 86_400_000;
  assert.equal(live(burst('203.0.113.9', 8)), []);
  assert.ok(live(burst('203.0.113.9', 16)).length > 0);
});

test('cuts the line of a detection, because many detections may wait', () => {
  const [found] = live(request('203.0.113.9', `/${'a'.repeat(8000)}`, 404, NOW, 'Morfeus Fucking Scanner'));
  assert.is(found?.line.length, 2000);
});

test('resets the counters when the rules change', () => {
  assert.equal(live(burst('203.0.113.9', 8)), []);
  judge.use(ruleset);
  assert.equal(live(burst('203.0.113.9', 8)), []);
});

test('finds each of a thousand sources that scan in turn', () => {
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
