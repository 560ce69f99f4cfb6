import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { exposition } from '../../metrics/exposition.ts';
import { by, type Family, single } from '../../metrics/family.ts';

test('sorts metrics and values, and writes HELP and TYPE once before the values', () => {
  const families: Family[] = [
    by('response', 'b_total', 'counter', 'Second.', [
      ['route-null', 2],
      ['apache-deny', 1],
    ]),
    single('a_bytes', 'gauge', 'First.', 12),
  ];
  assert.is(
    exposition(families),
    `# HELP a_bytes First.
# TYPE a_bytes gauge
a_bytes 12
# HELP b_total Second.
# TYPE b_total counter
b_total{response="apache-deny"} 1
b_total{response="route-null"} 2
`,
  );
});

test('escapes backslashes and newlines, and quotes in label values only', () => {
  const text = exposition([by('log', 'x', 'gauge', 'a\\b\n"c"', [['C:\\logs\n"it"', 1]])]);
  assert.is(text, '# HELP x a\\\\b\\n"c"\n# TYPE x gauge\nx{log="C:\\\\logs\\n\\"it\\""} 1\n');
});

test('writes the sum and the count of a summary', () => {
  const samples = [
    { labels: { response: 'x' }, suffix: '_sum', value: 0.25 },
    { labels: { response: 'x' }, suffix: '_count', value: 3 },
  ] as const;
  const text = exposition([{ name: 'd_seconds', type: 'summary', help: 'Time.', samples }]);
  assert.match(text, 'd_seconds_count{response="x"} 3\nd_seconds_sum{response="x"} 0.25\n');
});

test('writes NaN and infinities as Prometheus reads them', () => {
  const values = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e21, 0.1];
  const text = exposition(values.map((value, index) => single(`m${index}`, 'gauge', 'm', value)));
  const numbers = text.split('\n').filter((line) => line.startsWith('m'));
  assert.equal(numbers, ['m0 NaN', 'm1 +Inf', 'm2 -Inf', 'm3 1e+21', 'm4 0.1']);
});

test('leaves out a metric without values', () => {
  assert.is(exposition([by('log', 'x', 'gauge', 'x', [])]), '');
});

test.run();
