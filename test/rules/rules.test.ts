import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { groupsIn, regexOf } from './pcre2.ts';
import { RULE_FILES, readCases, readSequences } from './suite.ts';
import { blocks, notWellFormed } from './xml.ts';

const read = (file: string) => readFileSync(file, 'utf8');
const list = (folder: string) => readdirSync(folder).filter((name) => name.endsWith('.xml'));
const beside = (name: string, extension: string) => `rules/${name.replace(/\.xml$/, extension)}`;

const rules = RULE_FILES.flatMap((file) =>
  blocks(read(`rules/${file}`), 'rule').map((rule) => ({ file, id: Number(rule.attributes.id), ...rule })),
);

const parents = (sids = '') => sids.split(',').map(Number);

/** The rules that count. Only sequences of lines can raise these rules and their child rules. */
const counting = new Set(rules.filter(({ attributes }) => attributes.frequency).map(({ id }) => id));
const bySequence = ({ id, elements }: (typeof rules)[number]) =>
  counting.has(id) || parents(elements.if_sid).some((parent) => counting.has(parent));

test('has only well-formed files, without -- in a comment', () => {
  for (const folder of ['rules', 'decoders', 'ossec.conf.d']) {
    for (const name of list(folder)) assert.is(notWellFormed(read(`${folder}/${name}`)), undefined, name);
  }
});

test('has unique rule ids in Riposte’s range', () => {
  const ids = rules.map(({ id }) => id);
  assert.equal(
    ids.filter((id, i) => id < 117000 || id > 117299 || ids.indexOf(id) !== i),
    [],
  );
});

test('gives every rule a level, a description and a parent', () => {
  for (const { id, attributes, elements } of rules) {
    assert.match(attributes.level ?? '', /^\d+$/, `${id}`);
    assert.ok(elements.description, `${id} has no description`);
    assert.ok(elements.if_sid ?? elements.if_matched_sid ?? elements.decoded_as, `${id} has no parent`);
  }
});

/** A rule of level 0 is not an alert, and a rule with noalert leaves the alert to other rules. */
const isFinal = ({ attributes }: (typeof rules)[number]) =>
  attributes.level !== '0' && attributes.noalert === undefined;

test('tests each rule about a single line with two lines that raise it and two lines that nearly raise it', () => {
  for (const rule of rules.filter((rule) => !bySequence(rule) && isFinal(rule))) {
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

test('tests each rule that counts with a sequence that raises the rule and two sequences that do not', () => {
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

test('has no two rules with the same conditions', () => {
  const conditions = rules
    .filter((rule) => !bySequence(rule) && !rule.attributes.noalert)
    .map(({ elements: { description, group, options, info, ...rest } }) => JSON.stringify(rest));
  assert.equal(
    conditions.filter((condition, i) => conditions.indexOf(condition) !== i),
    [],
  );
});

test('keeps alerts about responses below level 6, at which stock OSSEC starts a response', () => {
  const levels = rules
    .filter(({ file }) => /active_response/.test(file))
    .map((rule) => Number(rule.attributes.level));
  assert.ok(Math.max(...levels) < 6);
});

/** From this level on, a rule about one request is evidence of an attack; below, it only notes the request. */
const SUSPECT = 6;

test('counts the alert of every rule about a single suspect request in the burst 117071', () => {
  const isCounted = new Set(parents(rules.find(({ id }) => id === 117071)?.elements.if_sid));
  const suspect = rules.filter(
    ({ id, attributes, elements, file }) =>
      parents(elements.if_sid).includes(31100) &&
      elements.if_matched_sid === undefined &&
      !counting.has(id) &&
      attributes.noalert === undefined &&
      Number(attributes.level) >= SUSPECT &&
      file !== 'riposte_behind_proxy.xml', // loaded only behind a proxy, so no other file may refer to it
  );
  assert.ok(suspect.length > 3);
  assert.equal(
    suspect.filter(({ id }) => !isCounted.has(id)).map(({ id }) => id),
    [],
  );
});

test('compiles every pattern', () => {
  for (const tag of ['rule', 'decoder'] as const) {
    const folder = `${tag}s`;
    for (const name of list(folder)) {
      for (const { attributes, elements } of blocks(read(`${folder}/${name}`), tag)) {
        for (const [element, pattern] of Object.entries(elements)) {
          if (!element.endsWith('pcre2')) continue;
          assert.not.throws(() => regexOf(pattern), `${attributes.id ?? attributes.name} ${element}`);
        }
      }
    }
  }
});

test('gives a decoder a field for each group, because Wazuh counts groups without a match and OSSEC does not', () => {
  for (const name of list('decoders')) {
    for (const { attributes, elements } of blocks(read(`decoders/${name}`), 'decoder')) {
      if (!elements.pcre2) continue;
      assert.is(groupsIn(elements.pcre2), elements.order?.split(',').length, attributes.name);
    }
  }
});

test('names existing files and rules in the fragments', () => {
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

test('loads the bursts last, because they refer to other rules', () => {
  const included = [...read('ossec.conf.d/rules.xml').matchAll(/<include>(.*?)<\/include>/g)].map(
    ([, file]) => file,
  );
  assert.equal(included, RULE_FILES.filter((name) => !/behind_proxy|bursts_any/.test(name)).sort());
});

test.run();
