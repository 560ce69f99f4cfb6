import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RULE_FILES, readCases, readSequences } from './suite.ts';
import { blocks, notWellFormed } from './xml.ts';

const read = (file: string) => readFileSync(file, 'utf8');
const list = (folder: string) => readdirSync(folder).filter((name) => name.endsWith('.xml'));
const beside = (name: string, extension: string) => `rules/${name.replace(/\.xml$/, extension)}`;

const rules = RULE_FILES.flatMap((file) =>
  blocks(read(`rules/${file}`), 'rule').map((rule) => ({ file, id: Number(rule.attributes.id), ...rule })),
);

const parents = (sids = '') => sids.split(',').map(Number);

/** A rule that counts, and the child that only raises its level, are seen in sequences alone. */
const counting = new Set(rules.filter(({ attributes }) => attributes.frequency).map(({ id }) => id));
const bySequence = ({ id, elements }: (typeof rules)[number]) =>
  counting.has(id) || parents(elements.if_sid).some((parent) => counting.has(parent));

test('every file is well-formed, and no comment hides a part of it', () => {
  for (const folder of ['rules', 'decoders', 'ossec.conf.d']) {
    for (const name of list(folder)) assert.is(notWellFormed(read(`${folder}/${name}`)), undefined, name);
  }
});

test('rule ids are ours and unique', () => {
  const ids = rules.map(({ id }) => id);
  assert.equal(
    ids.filter((id, i) => id < 117000 || id > 117299 || ids.indexOf(id) !== i),
    [],
  );
});

test('every rule has a level, a description and a parent', () => {
  for (const { id, attributes, elements } of rules) {
    assert.match(attributes.level ?? '', /^\d+$/, `${id}`);
    assert.ok(elements.description, `${id} has no description`);
    assert.ok(elements.if_sid ?? elements.if_matched_sid ?? elements.decoded_as, `${id} has no parent`);
  }
});

test('every rule has two matches and two near misses', () => {
  for (const rule of rules.filter((rule) => !bySequence(rule) && rule.attributes.level !== '0')) {
    const cases = readCases(beside(rule.file, '.ini')).filter((line) => line.rule === `${rule.id}`);
    for (const pass of [true, false]) {
      assert.ok(
        cases.filter((line) => line.pass === pass).length >= 2,
        `${rule.id} ${pass ? 'pass' : 'fail'}`,
      );
    }
    for (const { level } of cases) assert.is(level, rule.attributes.level, `${rule.id}`);
  }
});

test('every rule that counts fires in a sequence and keeps still in two', () => {
  for (const rule of rules.filter(bySequence)) {
    const raised = rules.find(({ elements }) => parents(elements.if_sid).includes(rule.id)) ?? rule;
    const sequences = readSequences(beside(rule.file, '.seq'));
    const fires = sequences.filter(({ steps }) =>
      steps.some(({ verdict }) => verdict.startsWith(`${raised.id}:`)),
    );
    assert.ok(fires.length >= 1, `${rule.id} never fires`);
    assert.ok(sequences.length - fires.length >= 2, `${rule.id} always fires`);
  }
});

test('no two rules ask for the same', () => {
  const conditions = rules
    .filter((rule) => !bySequence(rule))
    .map(({ elements: { description, group, options, info, ...rest } }) => JSON.stringify(rest));
  assert.equal(
    conditions.filter((condition, i) => conditions.indexOf(condition) !== i),
    [],
  );
});

test('what a response did never starts a response: stock OSSEC answers level 6 and up', () => {
  const levels = rules
    .filter(({ file }) => /active_response/.test(file))
    .map((rule) => Number(rule.attributes.level));
  assert.ok(Math.max(...levels) < 6);
});

test('every pattern compiles', () => {
  for (const tag of ['rule', 'decoder'] as const) {
    const folder = `${tag}s`;
    for (const name of list(folder)) {
      for (const { attributes, elements } of blocks(read(`${folder}/${name}`), tag)) {
        for (const [element, pattern] of Object.entries(elements)) {
          if (!element.endsWith('pcre2')) continue;
          assert.not.throws(() => new RegExp(pattern, 'i'), `${attributes.id ?? attributes.name} ${element}`);
        }
      }
    }
  }
});

test('a decoder has a field for each group: Wazuh counts those that took no part, OSSEC does not', () => {
  for (const name of list('decoders')) {
    for (const { attributes, elements } of blocks(read(`decoders/${name}`), 'decoder')) {
      if (!elements.pcre2) continue;
      const groups = new RegExp(`${elements.pcre2}|`).exec('')?.length ?? 0;
      assert.is(groups - 1, elements.order?.split(',').length, attributes.name);
    }
  }
});

test('the fragments name files that are there and rules that exist', () => {
  const ids = new Set(rules.map(({ id }) => id));
  for (const name of list('ossec.conf.d')) {
    const text = read(`ossec.conf.d/${name}`);
    for (const [, file] of text.matchAll(/<include>(.*?)<\/include>/g))
      assert.ok(existsSync(`rules/${file}`), file);
    for (const [, file = ''] of text.matchAll(/<decoder(?:_include)?>etc\/(?:decoders\/)?(riposte.*?)<\//g)) {
      assert.ok(existsSync(`decoders/${file}`), file);
    }
    for (const [, of = ''] of text.matchAll(/<rules?_id>(.*?)<\/rules?_id>/g)) {
      for (const id of of.split(',').map(Number)) assert.ok(id === 31151 || ids.has(id), `${name}: ${id}`);
    }
  }
});

test('the bursts are loaded last, for they refer to the others', () => {
  const included = [...read('ossec.conf.d/rules.xml').matchAll(/<include>(.*?)<\/include>/g)].map(
    ([, file]) => file,
  );
  assert.equal(included, RULE_FILES.filter((name) => !/behind_proxy|bursts_any/.test(name)).sort());
});

test.run();
