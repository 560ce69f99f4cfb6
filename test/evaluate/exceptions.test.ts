import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Event } from '../../engine/event/event.ts';
import { builtInSources } from '../../engine/ruleset/built-in.ts';
import { loadRuleset } from '../../engine/ruleset/ruleset.ts';
import type { EvaluatedLog } from '../../evaluate/evaluated-log.ts';
import { Evaluator } from '../../evaluate/evaluator.ts';
import { rulesExceptedBy } from '../../evaluate/join-verdict.ts';
import { Arrival } from '../../evaluate/timing.ts';
import { Exceptions } from '../../judgement/exceptions/exceptions.ts';
import { readExceptions } from '../../judgement/exceptions/read-exceptions.ts';
import { formatNamed } from '../../logs/readers/formats.ts';
import { LogReader } from '../../logs/readers/log-format.ts';

const OWN = `<group name="local,"><rule id="100300" level="12"><if_sid>31100,31108</if_sid><url>/shop/</url>
<description>x</description></rule></group>`;
const sources = builtInSources('ossec', false);
const ruleset = loadRuleset({
  ...sources,
  rules: [...sources.rules, { file: 'local_rules.xml', text: OWN }],
});
const plain = loadRuleset(sources);
const NOW = Date.parse('2026-11-20T09:00:00Z') / 1000;
const policy = { trustsPeer: false, proxies: undefined };

const logOf = (name: string): EvaluatedLog => ({
  location: `/var/log/${name}`,
  reader: new LogReader({ policy, now: NOW }, { format: formatNamed(name), origin: 'setting', isFirm: true }),
});
const access = logOf('combined');
const errors = logOf('apache-error');
const raw: EvaluatedLog = { location: '/var/log/raw.log', reader: undefined };

const hit = (target: string, { status = 404, agent = 'Mozilla/5.0', method = 'GET', user = '-' } = {}) =>
  `203.0.113.7 - ${user} [20/Nov/2026:09:00:00 +0000] "${method} ${target} HTTP/1.1" ${status} 10 "-" "${agent}"`;

/** Evaluates lines with these exceptions. @returns the ids of the rules that raise an alert at a level that blocks */
function answers(except: string, lines: readonly string[], { log = access, rules = plain } = {}): number[] {
  const list = readExceptions(except, 'riposte.except', (id) => rulesExceptedBy(id, rules));
  const exceptions = new Exceptions(list);
  const evaluator = new Evaluator(rules, { trustsErrorLog: true, hasErrorLog: false, exceptions });
  const arrival = new Arrival();
  arrival.now = NOW;
  const isAnswer = (event: Event | undefined) => event?.isAlert && (event.rule?.level ?? 0) >= 10;
  return lines
    .map((text) => evaluator.judge(log, { text, cut: 0 }, arrival))
    .flatMap((event) => (isAnswer(event) ? (event?.rule?.id ?? []) : []));
}

const pages = (directory: string, count = 16) =>
  Array.from({ length: count }, (_, i) => hit(`${directory}page${i}`));
const logins = Array.from({ length: 10 }, () => hit('/wp-login.php', { method: 'POST', status: 200 }));

test('neither counts nor answers requests that an exception matches', () => {
  assert.equal(answers('', pages('/old/')), [117103]);
  assert.equal(answers('path:/old/', pages('/old/')), []);
  assert.equal(answers('path:/old/', [...pages('/old/'), ...pages('/', 15)]), []);
  assert.equal(answers('path:/old/', [...pages('/old/'), ...pages('/')]), [117103]);
});

test('excepts only the rules that an exception names', () => {
  assert.equal(answers('path:/old/ rule:117103', [...pages('/old/'), hit('/old/.env')]), [117100]);
  assert.equal(answers('path:/old/ rule:117100', [hit('/old/.env')]), []);
  assert.equal(answers('path:/old/ rule:117100', [hit('/old/.env', { status: 200 })]), [117101]);
  assert.equal(answers('path:/old/ rule:117100', pages('/old/')), [117103]);
  assert.equal(answers('rule:117104', [...logins, ...pages('/')]), [117103]);
  const probes = [hit('/phpmyadmin/'), hit('/owa/'), hit('/manager/html')];
  assert.equal(answers('', probes), [117102]);
  assert.equal(answers('path:/owa/ rule:117102', probes), []);
});

test('excepts a robot’s burst when the exception names the rule for robots', () => {
  const crawl = Array.from({ length: 60 }, (_, i) => hit(`/page${i}`, { agent: 'AhrefsBot/7.0' }));
  assert.equal(answers('', crawl), [117105]);
  assert.equal(answers('rule:117103', crawl), [117105]);
  assert.equal(answers('agent:AhrefsBot rule:117105', crawl), []);
});

test('applies an exception for a replaced rule to the class that replaces it', () => {
  assert.equal(answers('path:/old/ rule:117073', pages('/old/')), []);
  assert.equal(answers('rule:117053', [hit('/.env')]), []);
});

test('excepts a scanner by its user agent, and a user’s missing pages', () => {
  assert.equal(answers('agent:sqlmap', [hit('/', { agent: 'sqlmap/1.7', status: 200 })]), []);
  const line = hit('/app/', { user: 'editor', status: 404 });
  assert.equal(answers('user:editor', [...pages('/', 15), line]), []);
});

test('applies exceptions to an administrator’s own rules, too', () => {
  const visit = hit('/shop/a', { status: 200 });
  assert.equal(answers('', [visit], { rules: ruleset }), [100300]);
  assert.equal(answers('path:/shop/', [visit], { rules: ruleset }), []);
  assert.equal(answers('path:/shop/a rule:100300', [visit, hit('/shop/b')], { rules: ruleset }), [100300]);
});

test('excepts records of an error log by their path', () => {
  const denial =
    '[Fri Nov 20 09:00:00.123456 2026] [security2:error] [pid 1:tid 2] [client 203.0.113.7:50000] [client 203.0.113.7] ' +
    'ModSecurity: Access denied with code 403 (phase 2). Pattern match "x" at ARGS:a. [file "/x.conf"] [line "1"] ' +
    '[id "999005"] [msg "m"] [hostname "h"] [uri "/wp-admin/post.php"] [unique_id "abcdefghijklmnopqrstuvwx"]';
  const rule = answers('', [denial], { log: errors });
  assert.is(rule.length, 1);
  assert.equal(answers(`path:/wp-admin/ rule:${rule[0]}`, [denial], { log: errors }), []);
  assert.equal(answers('path:/wp-admin/', [denial], { log: errors }), []);
  assert.equal(answers('path:/other/', [denial], { log: errors }), rule);
});

test('excepts lines of a raw log by path and rule', () => {
  const scan = pages('/old/', 40);
  const [rule] = answers('', scan, { log: raw });
  assert.ok(rule);
  assert.equal(answers('path:/old/', scan, { log: raw }), []);
  assert.not(answers(`path:/old/ rule:${rule}`, scan, { log: raw }).includes(rule ?? 0));
});

test('refuses an exception that names an unknown rule', () => {
  assert.throws(() => answers('rule:999999', []), /riposte\.except:1: there is no rule 999999/);
});

test.run();
