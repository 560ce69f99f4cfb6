import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { spanText } from '../../cli/rules/text.ts';
import { ANSWERS, UNANSWERED } from '../../evaluate/answers/answer-table.ts';
import { scene } from './scene.ts';

/** The row of a rule. */
const rowOf = (out: string, rule: number) =>
  out.split('\n').find((line) => line.startsWith(`${rule} `)) ?? '';

test('lists the answered rules, each with its program, time and reason', async () => {
  const { exitCode, out } = await scene().run('rules');
  assert.is(exitCode, 0);
  assert.match(rowOf(out, 117100), /^117100 +10 +unmistakable +1d, 7d +- +a request that nobody makes/);
  assert.match(rowOf(out, 117101), /^117101 +12 +severe +7d +- /);
  assert.match(rowOf(out, 117073), /^117073 +10 +burst +10m, 1h, 1d, 7d +route-null 10m +many 4xx/);
  assert.match(rowOf(out, 117040), /^117040 +10 +unmistakable +1d, 7d +riposte-firewall-drop 10m +a scanner/);
  for (const { rule } of [...ANSWERS, ...UNANSWERED]) assert.ok(rowOf(out, rule), `${rule}`);
});

test('lists the rules that only count in a separate part, with the reason', async () => {
  const { out } = await scene().run('rules');
  const [answered = '', others = ''] = out.split('Not answered');
  assert.not.match(answered, /^31151 /m);
  assert.match(others, /^31151 +14 answers 4xx: missing pictures/m);
});

test('lists the block time of each offence', async () => {
  const { out } = await scene().run('rules');
  assert.match(rowOf(out, 117103), /^117103 +10 +burst +10m, 1h, 1d, 7d +- /);
  assert.match(rowOf(out, 117031), / pingback spam +10m, 1h, 1d, 7d +/);
  assert.match(rowOf(out, 117040), / unmistakable +1d, 7d +/);
});

test('applies the settings of riposte.conf', async () => {
  const at = scene();
  at.write('etc/riposte.conf', 'BLOCK_FOR=10m,2h\nANSWER_RULES=31151,100100\nSEVERE_RULES=117073\n');
  const { out } = await at.run('rules');
  assert.match(rowOf(out, 31151), /^31151 +10 +only counted +10m, 2h +- /);
  assert.match(
    rowOf(out, 100_100),
    /^100100 +- +- +10m, 2h +- +ANSWER_RULES names this rule; it is not a rule of Riposte/,
  );
  assert.match(rowOf(out, 117073), /route-null 2h +many/);
  assert.match(rowOf(out, 117101), /^117101 +12 +severe +2h +- /);
  assert.match(rowOf(out, 117103), /^117103 +10 +burst +10m, 2h +- /);
  assert.match(out, /^BLOCK_FOR=10m,2h\nANSWER_RULES=31151,100100\nSEVERE_RULES=117073\nSEVERE_LEVEL=12$/m);
});

test('prints one JSON object for each rule', async () => {
  const { out } = await scene().run('rules', '--json');
  const all = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.is(all.length, ANSWERS.length + UNANSWERED.length);
  assert.equal(
    all.find(({ rule }) => rule === 117100),
    {
      rule: 117100,
      level: 10,
      class: 'unmistakable',
      why: 'a request that nobody makes by mistake',
      server: { name: 'serve', seconds: [86_400, 604_800] },
    },
  );
});

test('refuses an operand, and names the line of a wrong setting', async () => {
  const at = scene();
  const operand = await at.run('rules', '31151');
  assert.is(operand.exitCode, 64);
  assert.match(operand.err, /takes no '31151'/);
  at.write('etc/riposte.conf', 'ANSWER_RULES=web\n');
  const wrong = await at.run('rules');
  assert.is(wrong.exitCode, 78);
  assert.match(wrong.err, /riposte\.conf:1: ANSWER_RULES/);
});

test('writes times as riposte.conf does', () => {
  assert.equal([90, 600, 7200, 86_400, 604_800, 1_209_600].map(spanText), [
    '90s',
    '10m',
    '2h',
    '1d',
    '7d',
    '2w',
  ]);
});

test.run();
