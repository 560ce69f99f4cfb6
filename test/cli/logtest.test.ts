import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { riposte } from './io.ts';

const LINE = '203.0.113.9 - - [20/Nov/2026:09:00:00 +0000] "GET /a HTTP/1.1" 404 10 "-" "Mozilla/5.0"';

test('prints the three phases of ossec-logtest for a line', async () => {
  const { out, exitCode } = await riposte(['logtest', '-q'], `${LINE}\n`);
  assert.is(exitCode, 0);
  assert.is(
    out.replace(/hostname: '.*'/, "hostname: 'here'"),
    `

**Phase 1: Completed pre-decoding.
       full event: '${LINE}'
       hostname: 'here'
       program_name: '(null)'
       log: '${LINE}'

**Phase 2: Completed decoding.
       srcip: '203.0.113.9'
       srcuser: '-'
       action: 'GET'
       url: '/a'
       id: '404'
       decoder: 'web-accesslog'

**Phase 3: Completed filtering (rules).
       Rule id: '31101'
       Level: '5'
       Description: 'Web server error code 4xx.'
**Alert to be generated.


`,
  );
});

test('prints no third phase when no rule matches', async () => {
  const { out } = await riposte(['logtest', '-q'], 'who knows\n');
  assert.match(out, /No decoder matched\.\n {7}decoder: '\(null\)'\n$/);
});

for (const [expectation, exitCode] of [
  ['31101:5:web-accesslog', 0],
  ['31101:5:WEB-ACCESSLOG', 0],
  ['31101:6:web-accesslog', 1],
  ['31100:5:web-accesslog', 2],
  ['31101:5:sshd', 3],
] as const) {
  test(`exits with ${exitCode} for -U ${expectation}, as ossec-logtest does`, async () => {
    assert.is((await riposte(['logtest', '-q', '-U', expectation], LINE)).exitCode, exitCode);
  });
}

test('exits with 255 for -U when no rule matches a line of the decoder', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'riposte-logtest-'));
  const file = join(dir, 'decoder.xml');
  writeFileSync(file, '<decoder name="lonely"><prematch>^alone</prematch></decoder>');
  const { exitCode } = await riposte(['logtest', '-q', '-U', '1:1:lonely', '--decoders', file], 'alone\n');
  rmSync(dir, { recursive: true });
  assert.is(exitCode, 255);
});

test('reads decoders of --decoders before the stock decoders, and a child of a stock decoder after them', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'riposte-logtest-'));
  const [own, child] = [join(dir, 'own.xml'), join(dir, 'child.xml')];
  writeFileSync(own, '<decoder name="own"><type>web-log</type><prematch>^203.0.113.9 </prematch></decoder>');
  writeFileSync(
    child,
    '<decoder name="child"><parent>web-accesslog</parent><prematch>^never</prematch></decoder>',
  );
  const decoders = ['--decoders', own, '--decoders', child];
  const { exitCode } = await riposte(['logtest', '-q', '-U', '31100:0:own', ...decoders], LINE);
  rmSync(dir, { recursive: true });
  assert.is(exitCode, 0);
});

test('requires three parts in -U', async () => {
  const { exitCode, err } = await riposte(['logtest', '-U', '31101'], LINE);
  assert.equal([exitCode, err], [64, "riposte: -U needs RULE:LEVEL:DECODER, not '31101'\n"]);
});

test('prints one object per line with --json', async () => {
  const { out } = await riposte(['logtest', '--json'], `${LINE}\nwho knows \xc3\n`);
  const [first, second] = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal(
    [first.rule.id, first.rule.level, first.data.srcip, first.alert],
    [31101, 5, '203.0.113.9', true],
  );
  assert.equal([second.rule, second.decoder, second.alert], [undefined, undefined, false]);
});

test('names each tried rule with -v', async () => {
  const { out } = await riposte(['logtest', '-q', '-v'], LINE);
  assert.match(out, /Trying rule: 31100 - .*\n {7}\*Rule 31100 matched\.\n {7}\*Trying child rules\.\n/);
});

test('misses scans from many sources at once, unless it counts each source separately', async () => {
  const lines: string[] = [];
  for (let turn = 0; turn < 20; turn++) {
    for (let source = 0; source < 20; source++)
      lines.push(LINE.replace('113.9', `113.${source}`).replace('/a', `/${turn}`));
  }
  const count = async (...options: string[]) =>
    (await riposte(['logtest', '-q', ...options], lines.join('\n'))).out.split("Rule id: '31151'").length - 1;
  assert.equal([await count(), await count('--each')], [0, 20]);
});

for (const [what, argv, message] of [
  ['an unknown option', ['logtest', '--loud'], 'unknown option --loud'],
  ['an unknown dialect', ['logtest', '--dialect', 'snort'], "--dialect is ossec or wazuh, not 'snort'"],
  ['an option without its value', ['logtest', '--ossec-home'], 'option --home needs a value'],
  ['a file instead of standard input', ['logtest', 'x.log'], 'logtest reads its standard input, not x.log'],
  ['an unknown verb', ['dance'], "there is no verb 'dance'; see riposte help"],
  [
    'an option before the verb',
    ['--home', '/x', 'status'],
    'the verb comes first: riposte VERB --home; see riposte help',
  ],
] as const) {
  test(`reports ${what} as a usage error`, async () => {
    const { exitCode, err } = await riposte([...argv]);
    assert.equal([exitCode, err], [64, `riposte: ${message}\n`]);
  });
}

test('lists the verbs, and describes each', async () => {
  assert.match((await riposte(['help'])).out, /logtest .*\n.*ruletest .*\n.*replay /);
  assert.match((await riposte(['help', 'replay'])).out, /^riposte replay /);
  assert.match((await riposte(['ruletest', '--help'])).out, /^riposte ruletest /);
});

test('reads the rules of the home', async () => {
  const home = mkdtempSync(join(tmpdir(), 'riposte-logtest-'));
  mkdirSync(join(home, 'etc'));
  writeFileSync(
    join(home, 'etc/riposte-rules.xml'),
    '<group name="own,"><rule id="100500" level="11"><if_sid>31100,31108</if_sid><url>/a</url><description>mine</description></rule></group>',
  );
  const { out } = await riposte(['logtest', '-q'], `${LINE}\n`, 65_536, { RIPOSTE_HOME: home });
  assert.match(out, /Rule id: '100500'/);
  rmSync(home, { recursive: true });
});

test.run();
