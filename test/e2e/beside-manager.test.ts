import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../engine/engine.ts';
import { builtInSources } from '../../engine/ruleset/built-in.ts';
import { loadRuleset } from '../../engine/ruleset/ruleset.ts';
import { request, visit } from '../lab/access-log.ts';
import { eventually } from '../lab/server.ts';
import { OssecHome } from '../rules/ossec.ts';

/* OSSEC's counting rules miss a scan from many sources at once: when a rule fires for one source, OSSEC marks an event,
   and this mark ends the search for the events of every other source. Therefore, riposte serve reports the scan to
   OSSEC. These tests use the engine, which can count as OSSEC does, and the real ossec-logtest if OSSEC_HOME names an
   installation. */

const test = suite('beside a manager');
const { OSSEC_HOME = '', OSSEC_LOGTEST = `${OSSEC_HOME}/bin/ossec-logtest` } = process.env;
const SOURCES = Array.from({ length: 50 }, (_, index) => `198.51.100.${index + 1}`);
const VISITOR = '203.0.113.8';
let home = '';
let scan: string[] = [];
let alerts: string[] = [];

test.before(async () => {
  home = await mkdtemp(join(tmpdir(), 'riposte-beside-'));
  const pages = Array.from({ length: 20 }, (_, page) =>
    SOURCES.map((source) => request(source, `/page${page}.php`, 404, Date.now())).join(''),
  );
  scan = (visit(VISITOR) + pages.join('')).trimEnd().split('\n');
  alerts = await alertsOf(scan);
});
test.after(() => rm(home, { recursive: true }));

/** Runs `riposte serve --alerts FILE --no-block` on these lines. @returns the alerts */
async function alertsOf(lines: string[]): Promise<string[]> {
  const log = join(home, 'access.log');
  const file = join(home, 'alerts.log');
  await writeFile(log, '');
  const server = execa(
    process.execPath,
    ['dist/riposte.js', 'serve', '--home', home, '--alerts', file, '--no-block', log],
    { stdin: 'ignore' },
  );
  let said = '';
  server.stdout.on('data', (bytes) => {
    said += bytes;
  });
  await eventually('the server runs', async () => said.includes('started from'));
  await appendFile(log, `${lines.join('\n')}\n`);
  await eventually(
    'the server has reported all',
    async () => said.split('passed to the manager').length > SOURCES.length,
  );
  server.kill('SIGTERM');
  await server;
  return (await readFile(file, 'utf8')).trimEnd().split('\n');
}

/** The sources that OSSEC would block: the sources of alerts of level 10 and above. The engine counts as OSSEC does. */
function blockedByOssec(lines: string[]): string[] {
  const engine = new Engine(loadRuleset(builtInSources('ossec', false)), { counting: 'shared' });
  const events = lines.map((line) => engine.judge(line, 1_795_166_986));
  const severe = events.filter(({ rule, isAlert }) => isAlert && (rule?.level ?? 0) >= 10);
  return [...new Set(severe.flatMap(({ srcip }) => srcip ?? []))].sort();
}

test('makes OSSEC block every source and no visitor, although OSSEC alone misses most sources', () => {
  assert.ok(blockedByOssec(scan).length < SOURCES.length / 10);
  assert.equal(blockedByOssec(alerts), [...SOURCES].sort());
});

if (OSSEC_HOME) {
  test('agrees with the real ossec-logtest', async () => {
    const ossec = new OssecHome(OSSEC_HOME, OSSEC_LOGTEST, { ours: 'without a proxy' });
    const blocked = async (lines: string[]) => {
      const verdicts = await ossec.verdicts(lines.map((line) => ({ at: 0, line })));
      const severe = verdicts.filter(({ level }) => Number(level) >= 10);
      return [...new Set(severe.map(({ srcip }) => srcip))].sort();
    };
    assert.ok((await blocked(scan)).length < SOURCES.length / 10);
    assert.equal(await blocked(alerts), [...SOURCES].sort());
    ossec.remove();
  });
} else {
  console.log('skipped: a scan from many sources in a real ossec-logtest (OSSEC_HOME=/path)');
  test.skip('agrees with the real ossec-logtest', () => {});
}

test.run();
