import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { riposte } from './io.ts';

const ruletest = suite<{ dir: string }>('ruletest', { dir: '' });
ruletest.before.each((context) => {
  context.dir = mkdtempSync(join(tmpdir(), 'riposte-ruletest-'));
});
ruletest.after.each(({ dir }) => rmSync(dir, { recursive: true }));

const LINE = '203.0.113.9 - - [20/Nov/2026:09:00:00 +0000] "GET /a HTTP/1.1" 404 10 "-" "Mozilla/5.0"';
const ini = (rule: number) =>
  `[a]\nlog 1 pass = ${LINE}\nrule = ${rule}\nalert = 5\ndecoder = web-accesslog\n`;

ruletest('prints differences, and the numbers of passed and failed cases', async ({ dir }) => {
  writeFileSync(join(dir, 'good.ini'), ini(31101));
  writeFileSync(join(dir, 'bad.ini'), ini(31100));
  writeFileSync(join(dir, 'times.seq'), `[s]\n0 31101:5 ${LINE}\n`);
  const { out, exitCode } = await riposte(['ruletest', dir]);
  assert.is(exitCode, 1);
  assert.is(
    out,
    `${dir}/bad.ini:2: [a] log 1 pass
    expected rule 31100, level 5, decoder web-accesslog
    found    rule 31101, level 5, decoder web-accesslog
    line     ${LINE}
2 passed, 1 failed
`,
  );
});

ruletest('asks for files when none is named and there is no directory of rules', async ({ dir }) => {
  const before = process.cwd();
  process.chdir(dir);
  try {
    const { exitCode, err } = await riposte(['ruletest']);
    assert.equal(
      [exitCode, err],
      [
        64,
        'riposte: there is no directory named rules here: name test files (.ini, .seq) or directories of them\n',
      ],
    );
  } finally {
    process.chdir(before);
  }
});

ruletest('exits with 0 when all pass', async ({ dir }) => {
  writeFileSync(join(dir, 'good.ini'), ini(31101));
  const { out, exitCode } = await riposte(['ruletest', join(dir, 'good.ini')]);
  assert.equal([exitCode, out], [0, '1 passed, 0 failed\n']);
});

ruletest('reports a directory without suites, a missing file and a bad ruleset', async ({ dir }) => {
  assert.is((await riposte(['ruletest', dir])).exitCode, 64);
  assert.is((await riposte(['ruletest', join(dir, 'none.ini')])).exitCode, 74);
  writeFileSync(
    join(dir, 'bad.xml'),
    '<group name="g">\n<rule id="31101" level="3"><match>x</match></rule></group>',
  );
  const { exitCode, err } = await riposte([
    'ruletest',
    '--rules',
    join(dir, 'bad.xml'),
    '--rules',
    join(dir, 'bad.xml'),
    dir,
  ]);
  assert.is(exitCode, 64, err);
  writeFileSync(join(dir, 'good.ini'), ini(31101));
  const duplicate = await riposte(['ruletest', '--rules', join(dir, 'bad.xml'), dir]);
  assert.is(duplicate.exitCode, 78);
  assert.match(
    duplicate.err,
    /bad\.xml:2: rule 31101 is already defined at engine\/stand-ins\/stock_02_web_rules\.xml:\d+/,
  );
});

ruletest.run();
