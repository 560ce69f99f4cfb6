import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { exposition } from '../../../metrics/exposition.ts';
import { ConditionLog } from '../../../serve/condition-log.ts';
import { MetricsSource } from '../../../serve/metrics/metrics-source.ts';

const directory = mkdtempSync(join(tmpdir(), 'riposte-source-'));
let said: string[];
let source: MetricsSource;
test.after.each(() => source.close());
test.after(() => rmSync(directory, { recursive: true }));

/** A source with a stand-in for the worker. The stand-in counts its starts in the file `starts`. */
function sourceOf(work: string, patience?: number, slow?: number, fresh?: number): MetricsSource {
  const program = join(directory, 'thread.cjs');
  writeFileSync(join(directory, 'starts'), '');
  writeFileSync(
    program,
    `require('node:fs').appendFileSync(__dirname + '/starts', 'x');
     const { parentPort } = require('node:worker_threads');
     const family = { name: 'x', type: 'gauge', help: 'x', samples: [{ labels: {}, value: 1 }] };
     ${work}`,
  );
  said = [];
  const conditions = new ConditionLog((text) => said.push(text));
  source = new MetricsSource(
    program,
    { role: 'metrics', home: directory, env: {} },
    conditions,
    patience,
    slow,
    fresh,
  );
  return source;
}
const starts = () => readFileSync(join(directory, 'starts'), 'utf8').length;
const FAILED = 'riposte_collection_success{part="thread"} 0\n';

test('shares one collection among requests that come during the collection or soon after it', async () => {
  sourceOf(`setTimeout(() => parentPort.postMessage({ families: [family], failures: [] }), 200);`);
  const texts = (await Promise.all([source.families(), source.families()])).map(exposition);
  texts.push(exposition(await source.families()));
  assert.equal([...new Set(texts)], ['# HELP x x\n# TYPE x gauge\nx 1\n']);
  assert.is(starts(), 1);
});

test('returns the last metrics while a slow collection runs', async () => {
  const work = `family.samples[0].value = require('node:fs').readFileSync(__dirname + '/starts').length;
    parentPort.postMessage({ families: [family], failures: [] });`;
  sourceOf(work, undefined, 0, 0);
  const value = async () => (await source.families())[0]?.samples[0]?.value;
  assert.is(await value(), 1);
  const deadline = performance.now() + 120_000;
  let next = await value();
  while (next === 1 && performance.now() < deadline) {
    await new Promise((wake) => setTimeout(wake, 20));
    next = await value();
  }
  assert.is(next, 2);
});

test('logs a failure, and returns the other metrics', async () => {
  sourceOf(`parentPort.postMessage({ families: [family], failures: ['nft: no', 'ip: no'] });`);
  assert.match(exposition(await source.families()), 'x 1\n');
  assert.equal(said, ['metrics: nft: no; ip: no']);
});

test('logs that the worker has crashed or ended, and shows this in a metric', async () => {
  sourceOf(`throw new Error('oh');`);
  assert.match(exposition(await source.families()), FAILED);
  assert.equal(said, ['metrics: a defect in Riposte: oh (RIPOSTE_DEBUG=1 shows where)']);
  sourceOf('');
  assert.match(exposition(await source.families()), FAILED);
  assert.equal(said, ['metrics: the metrics worker has ended']);
});

test('ends a worker that does not answer', async () => {
  sourceOf('setInterval(() => {}, 1000);', 300);
  assert.match(exposition(await source.families()), FAILED);
  assert.equal(said, ['metrics: the metrics worker did not answer within 0.3 s, so Riposte ends it']);
});

test.run();
