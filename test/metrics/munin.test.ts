import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { by, type Family } from '../../metrics/family.ts';
import { muninValues } from '../../metrics/munin.ts';
import { isMuninPlugin } from '../../metrics/munin-plugin.ts';
import { riposte } from '../cli/io.ts';

const fieldsIn = (text: string, what: string) =>
  [...text.matchAll(new RegExp(`^(\\w+)\\.${what} `, 'gm'))].map(([, field]) => field);
const graphsIn = (text: string) => [...text.matchAll(/^multigraph (\w+)$/gm)].map(([, name]) => name);

test('gives each value a graph and a label with names that munin allows', async () => {
  const { out, exitCode } = await riposte(['munin', 'config']);
  const values = muninValues([]);
  assert.is(exitCode, 0);
  assert.equal(graphsIn(out), ['riposte_blocked', 'riposte_blocks', 'riposte_dropped']);
  assert.equal(graphsIn(values), graphsIn(out));
  assert.equal(fieldsIn(values, 'value'), fieldsIn(out, 'label'));
  assert.match(out, /^firewall_drop\.label firewall-drop$/m);
  assert.match(out, /^firewall_drop\.type DERIVE\nfirewall_drop\.min 0$/m);
  assert.match(out, /blocks per \$\{graph_period\}/);
});

test('sums current blocks over all rules, and counts only the outcome blocked', () => {
  const family = (name: string, label: string, ...rows: [string, string, number][]): Family => ({
    ...by('', name, 'gauge', '', []),
    samples: rows.map(([response, other, value]) => ({ labels: { response, [label]: other }, value })),
  });
  const values = muninValues([
    family(
      'riposte_blocks',
      'rule',
      ['firewall-drop', '1', 2],
      ['firewall-drop', '2', 3],
      ['route-null', '1', 1],
    ),
    family(
      'riposte_outcomes_total',
      'outcome',
      ['firewall-drop', 'blocked', 9],
      ['firewall-drop', 'held', 4],
    ),
  ]);
  assert.match(
    values,
    'multigraph riposte_blocked\nfirewall_drop.value 5\nroute_null.value 1\napache_deny.value U\n',
  );
  assert.match(values, 'multigraph riposte_blocks\nfirewall_drop.value 9\nroute_null.value U\n');
});

test('writes U when a value is unknown', () => {
  assert.not.match(muninValues([]), /value (?!U$)/m);
});

test('recognizes a plugin only when its link is in munin’s directory of plugins', () => {
  assert.ok(isMuninPlugin('/etc/munin/plugins/riposte'));
  assert.not(isMuninPlugin('/usr/local/bin/riposte'));
  assert.not(isMuninPlugin('/opt/munin/bin/riposte'));
});

test('answers yes to autoconf, and refuses other words', async () => {
  assert.is((await riposte(['munin', 'autoconf'])).out, 'yes\n');
  const { exitCode, err } = await riposte(['munin', 'snapshot']);
  assert.equal([exitCode, err], [64, "riposte: riposte munin takes config or autoconf, not 'snapshot'\n"]);
});

test.run();
