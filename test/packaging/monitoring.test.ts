import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { blocksNow } from '../../metrics/blocks-now.ts';
import { collect } from '../../metrics/collect.ts';
import { RuleLabels } from '../../metrics/rule-labels.ts';
import { dropped, totals } from '../../metrics/totals.ts';
import { serverMetrics } from '../../serve/metrics/server.ts';
import type { ServerState } from '../../serve/state.ts';
import { scene } from '../cli/scene.ts';
import { skippedSuite } from '../lab/suite.ts';
import { missing } from '../lab/tools.ts';
import { unpacked } from '../lab/unpacked.ts';

/** The alert rules for Prometheus and the dashboard for Grafana. */
const test = suite('monitoring');
const RULES = 'packaging/prometheus/riposte.rules.yml';
const DASHBOARD = 'packaging/grafana/riposte.json';

// Look for promtool before the first suite ends: the runner ends this process a minute after the end of a suite.
const promtool = (await findPromtool()) ?? '';

const STATE = { since: new Date().toISOString(), logs: [], reports: {} } as unknown as ServerState;

/** The names of all metrics, from the functions that make them. */
async function names(): Promise<Set<string>> {
  const { families } = await collect(scene().home, { PATH: '' }, () => {});
  const all = [
    ...families,
    ...blocksNow(new Map(), new RuleLabels()),
    ...totals({}),
    ...dropped({}),
    ...serverMetrics(STATE),
  ];
  return new Set(
    all.flatMap(({ name, type }) => (type === 'summary' ? [`${name}_sum`, `${name}_count`] : [name])),
  );
}

for (const file of [RULES, DASHBOARD])
  test(`names only existing metrics in ${file}`, async () => {
    const known = await names();
    const named = new Set(readFileSync(file, 'utf8').match(/\briposte_\w+/g) ?? []);
    assert.ok(named.size > 8);
    assert.equal(
      [...named].filter((name) => !known.has(name)),
      [],
    );
  });

test('has a dashboard that any Grafana can import', () => {
  const { id, uid, panels, templating } = JSON.parse(readFileSync(DASHBOARD, 'utf8'));
  assert.equal([id, uid], [null, 'riposte']);
  assert.equal(new Set(panels.map((panel: { id: number }) => panel.id)).size, panels.length);
  for (const panel of panels) assert.is(panel.datasource.uid, '$' + '{datasource}');
  assert.is(templating.list[0].type, 'datasource');
});

test.run();

const checked = promtool === '' ? skippedSuite('promtool', "Debian's package prometheus") : suite('promtool');

checked('accepts the rules, and passes their tests', async () => {
  await execa(promtool, ['check', 'rules', RULES]);
  await execa(promtool, ['test', 'rules', 'packaging/prometheus/riposte.rules.test.yml']);
});

checked('accepts each expression of the dashboard', async () => {
  const { panels } = JSON.parse(readFileSync(DASHBOARD, 'utf8'));
  const expressions: string[] = panels.flatMap(({ targets }: { targets: { expr: string }[] }) =>
    targets.map(({ expr }) => expr),
  );
  assert.ok(expressions.length > 15);
  const rules = expressions.map((expr, index) => ({ record: `dashboard:${index}`, expr }));
  const directory = await mkdtemp(join(tmpdir(), 'riposte-dashboard-'));
  const file = join(directory, 'rules.yml');
  await writeFile(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] })); // JSON is YAML
  await execa(promtool, ['check', 'rules', file]);
  await rm(directory, { recursive: true });
});

checked.run();

/** promtool from Debian's package prometheus. The package is only unpacked, so that its service does not start. */
async function findPromtool(): Promise<string | undefined> {
  if (missing('promtool').length === 0) return 'promtool';
  const root = await unpacked('prometheus');
  return root && join(root, 'usr/bin/promtool');
}
