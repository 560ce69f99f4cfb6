import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { exposition } from '../../../cli/metrics/exposition.ts';
import { MetricsSource } from '../../../cli/serve/metrics-source.ts';
import { Troubles } from '../../../cli/serve/troubles.ts';

const directory = mkdtempSync(join(tmpdir(), 'riposte-source-'));
let said: string[];
let source: MetricsSource;
test.after.each(() => source.close());
test.after(() => rmSync(directory, { recursive: true }));

/** A source with a stand-in for the thread, which counts how often it was started in the file `starts`. */
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
  const troubles = new Troubles((text) => said.push(text));
  source = new MetricsSource(
    program,
    { role: 'metrics', home: directory, env: {} },
    troubles,
    patience,
    slow,
    fresh,
  );
  return source;
}
const starts = () => readFileSync(join(directory, 'starts'), 'utf8').length;
const FAILED = 'riposte_collection_success{part="thread"} 0\n';

test('all who ask meanwhile, and soon after, get what one collection has found', async () => {
  sourceOf(`setTimeout(() => parentPort.postMessage({ families: [family], failures: [] }), 200);`);
  const texts = (await Promise.all([source.families(), source.families()])).map(exposition);
  texts.push(exposition(await source.families()));
  assert.equal([...new Set(texts)], ['# HELP x x\n# TYPE x gauge\nx 1\n']);
  assert.is(starts(), 1);
});

test('where collecting is slow, the last metrics are told while newer ones are collected', async () => {
  const work = `family.samples[0].value = require('node:fs').readFileSync(__dirname + '/starts').length;
    parentPort.postMessage({ families: [family], failures: [] });`;
  sourceOf(work, undefined, 0, 0);
  const value = async () => (await source.families())[0]?.samples[0]?.value;
  assert.is(await value(), 1);
  const deadline = performance.now() + 20_000;
  let next = await value();
  while (next === 1 && performance.now() < deadline) {
    await new Promise((wake) => setTimeout(wake, 20));
    next = await value();
  }
  assert.is(next, 2);
});

test('what could not be looked at is said, and the rest is told', async () => {
  sourceOf(`parentPort.postMessage({ families: [family], failures: ['nft: no', 'ip: no'] });`);
  assert.match(exposition(await source.families()), 'x 1\n');
  assert.equal(said, ['metrics: nft: no; ip: no']);
});

test('a thread that dies, or ends without a word, is told of, in a metric too', async () => {
  sourceOf(`throw new Error('oh');`);
  assert.match(exposition(await source.families()), FAILED);
  assert.equal(said, ['metrics: a defect in Riposte: oh']);
  sourceOf('');
  assert.match(exposition(await source.families()), FAILED);
  assert.equal(said, ['metrics: the thread that collects has ended']);
});

test('a thread that never answers is ended', async () => {
  sourceOf('setInterval(() => {}, 1000);', 300);
  assert.match(exposition(await source.families()), FAILED);
  assert.equal(said, ['metrics: not collected within 0.3 s']);
});

test.run();
