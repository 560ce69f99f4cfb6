import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { builtInSources } from '../../engine/ruleset/built-in.ts';
import { loadRuleset } from '../../engine/ruleset/ruleset.ts';
import type { EvaluatedLog } from '../../evaluate/evaluated-log.ts';
import { Evaluator } from '../../evaluate/evaluator.ts';
import { Arrival, OwnTime } from '../../evaluate/timing.ts';
import { formatNamed } from '../../logs/readers/formats.ts';
import { LogReader } from '../../logs/readers/log-format.ts';

const ruleset = loadRuleset(builtInSources('ossec', false));
const NOW = Date.parse('2026-11-20T09:00:00Z') / 1000;
const options = { policy: { trustsPeer: false, proxies: undefined }, now: NOW };

const log = (name: string): EvaluatedLog => ({
  location: `/var/log/${name}`,
  reader: new LogReader(options, { format: formatNamed(name), origin: 'setting', isFirm: true }),
});
const access = log('combined');
const errors = log('apache-error');
const raw: EvaluatedLog = { location: '/var/log/error.log', reader: undefined };

const request = (client: string, time = '20/Nov/2026:09:00:00 +0000') =>
  `${client} - - [${time}] "GET /wp-login.php HTTP/1.1" 403 10 "-" "Mozilla/5.0"`;
const denial = (client: string) =>
  `[Fri Nov 20 09:00:00.123456 2026] [security2:error] [pid 1:tid 2] [client ${client}:50000] [client ${client}] ` +
  'ModSecurity: Access denied with code 403 (phase 2). Pattern match "x" at ARGS:a. [file "/x.conf"] [line "1"] ' +
  '[id "999005"] [msg "m"] [hostname "h"] [uri "/wp-login.php"] [unique_id "abcdefghijklmnopqrstuvwx"]';

function evaluate(trustsErrorLog = false) {
  const evaluator = new Evaluator(ruleset, { trustsErrorLog, hasErrorLog: true });
  const arrival = new Arrival();
  arrival.now = NOW;
  return {
    evaluator,
    arrival,
    judge: (from: EvaluatedLog, text: string) => evaluator.judge(from, { text, cut: 0 }, arrival),
  };
}

test('answers a record of an error log once a request confirms it', () => {
  const { evaluator, judge } = evaluate();
  assert.is(judge(errors, denial('203.0.113.7')), undefined);
  assert.is(judge(access, request('203.0.113.7'))?.srcip, '203.0.113.7');
  assert.equal(
    evaluator.due.map(({ srcip, rule }) => [srcip, rule?.id]),
    [['203.0.113.7', 117011]],
  );
});

test('gives no source to a record that no request confirms in time, and counts the record', () => {
  const { evaluator, arrival, judge } = evaluate();
  judge(errors, denial('198.51.100.99'));
  judge(access, request('203.0.113.7'));
  evaluator.expire(arrival.now + 60);
  assert.equal(
    evaluator.due.map(({ srcip, rule }) => [srcip, rule?.id]),
    [[undefined, 117011]],
  );
  assert.is(evaluator.unconfirmed, 1);
});

test('answers every record when the error log is trusted', () => {
  const { judge } = evaluate(true);
  assert.is(judge(errors, denial('203.0.113.7'))?.srcip, '203.0.113.7');
});

test('gives no source to events that decoders read from an error log, unless the log is trusted', () => {
  assert.is(evaluate().judge(raw, denial('198.51.100.99'))?.srcip, undefined);
  assert.is(evaluate(true).judge(raw, denial('203.0.113.7'))?.srcip, '203.0.113.7');
});

test('does not judge a record that has no time and was written while Riposte was stopped', () => {
  const { evaluator } = evaluate();
  const line = { text: request('203.0.113.7', 'no time at all'), cut: 0 };
  assert.is(evaluator.judge(access, line, new OwnTime(NOW)), undefined);
  assert.is(evaluator.withoutTime, 1);
});

test('limits the length of the line that rules get for a long request', () => {
  const { judge } = evaluate();
  const long = request('203.0.113.7').replace('/wp-login.php', `/.env?${'a'.repeat(900_000)}`);
  const event = judge(access, long);
  assert.ok((event?.log.length ?? 0) < 200_000);
  assert.ok((event?.rule?.level ?? 0) >= 10);
});

const hit = (target: string, status: number, agent = 'Mozilla/5.0') =>
  `203.0.113.7 - - [20/Nov/2026:09:00:00 +0000] "GET ${target} HTTP/1.1" ${status} 10 "-" "${agent}"`;

test('uses the verdict on a request as the rule of the request’s event', () => {
  const { judge } = evaluate();
  const event = judge(access, hit('/.env', 404));
  assert.equal(
    [event?.isAlert, event?.rule?.id, event?.rule?.level, event?.srcip],
    [true, 117100, 10, '203.0.113.7'],
  );
  assert.match(event?.rule?.group ?? '', /attack/);
});

test('raises no alert for rules that only count, nor for rules that RequestJudge replaces', () => {
  const { judge } = evaluate();
  const posts = Array.from({ length: 60 }, () => judge(access, hit('/cart', 200).replace('GET', 'POST')));
  const thumbnails = Array.from({ length: 60 }, (_, i) => judge(access, hit(`/t/${i}.webp`, 404)));
  const searches = [hit('/?s=%2Fetc%2Fpasswd', 200), hit('/search?q=/bin/ls', 200)].map((line) =>
    judge(access, line),
  );
  const xdebug = judge(access, hit('/index.php?XDEBUG_SESSION_START=phpstorm', 200));
  const levels = [...posts, ...thumbnails, ...searches, xdebug].map((event) =>
    event?.isAlert ? (event.rule?.level ?? 0) : 0,
  );
  assert.ok(Math.max(...levels) < 10, `${levels}`);
});

test('judges lines of a raw log only by rules', () => {
  const { judge } = evaluate();
  const rawAccess: EvaluatedLog = { location: '/var/log/access.log', reader: undefined };
  const events = Array.from({ length: 40 }, (_, i) => judge(rawAccess, hit(`/page${i}`, 404)));
  const answered = events.filter((event) => event?.isAlert && (event.rule?.level ?? 0) >= 10);
  assert.ok(answered.length > 0);
  assert.ok(answered.every((event) => (event?.rule?.id ?? 0) < 117100));
});

/** Judges requests by the built-in rules and a rule of an administrator. @returns the final rules */
function rulesWith(own: string, ...targets: readonly string[]): (number | undefined)[] {
  const sources = builtInSources('ossec', false);
  const text = `<group name="local,">${own}</group>`;
  const ruleset = loadRuleset({ ...sources, rules: [...sources.rules, { file: 'local_rules.xml', text }] });
  const evaluator = new Evaluator(ruleset, { trustsErrorLog: false, hasErrorLog: false });
  const arrival = new Arrival();
  arrival.now = NOW;
  return targets.map(
    (target) => evaluator.judge(access, { text: hit(target, 404), cut: 0 }, arrival)?.rule?.id,
  );
}

test('leaves out requests that an administrator’s own rule of level 0 excepts', () => {
  const own =
    '<rule id="100200" level="0"><if_sid>117053</if_sid><url>/app/.env</url><description>x</description></rule>';
  assert.equal(rulesWith(own, '/app/.env', '/.env'), [100200, 117100]);
});

test('keeps an administrator’s own rule when its level is higher than the level of the verdict', () => {
  const own = (level: number) =>
    `<rule id="100201" level="${level}"><if_sid>117053</if_sid><description>x</description></rule>`;
  assert.equal(rulesWith(own(14), '/.env'), [100201]);
  assert.equal(rulesWith(own(7), '/.env'), [117100]);
});

test.run();
