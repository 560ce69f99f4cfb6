import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ANSWERS, UNANSWERED } from '../../../evaluate/answers/answer-table.ts';
import { isAnswered } from '../../../evaluate/answers/answered.ts';
import { isCountedRule } from '../../../evaluate/detection.ts';
import { CLASSES } from '../../../judgement/classes.ts';
import { blocks } from '../../rules/xml.ts';

const rulesIn = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.xml'))
    .flatMap((name) => blocks(readFileSync(`${folder}/${name}`, 'utf8'), 'rule'))
    .filter(({ attributes }) => attributes.noalert === undefined)
    .map(({ attributes }) => ({ id: Number(attributes.id), level: Number(attributes.level) }));

/** Rules that are never final, because they only count and their child rule then fires. */
const COUNTING = [117077, 117079];

const listed = [...ANSWERS, ...UNANSWERED].map(({ rule }) => rule);

test('lists each rule once', () => {
  assert.equal(
    listed.filter((rule, index) => listed.indexOf(rule) !== index),
    [],
  );
});

test('lists every rule that could block: Riposte’s rules, and the stock rules of serve', () => {
  const strong = [...rulesIn('rules'), ...rulesIn('engine/stand-ins')].filter(({ level }) => level >= 10);
  assert.ok(strong.length > 20);
  assert.equal(
    strong.map(({ id }) => id).filter((id) => !listed.includes(id) && !COUNTING.includes(id)),
    [],
  );
});

test('lists every class of requests', () => {
  for (const { rule } of Object.values(CLASSES)) assert.ok(listed.includes(rule), `${rule}`);
});

test('lets a manager answer only rules that the manager has', () => {
  const ours = rulesIn('rules').map(({ id }) => id);
  for (const { rule, byManager } of ANSWERS) if (byManager) assert.ok(ours.includes(rule), `${rule}`);
});

test('treats a rule that only raises the level of a counting rule as a counting rule', () => {
  for (const id of [117061, 117073, 117076, 117078, 117090, 117102])
    assert.ok(isCountedRule({ id, composite: undefined }), `${id}`);
  for (const id of [117052, 117100, 117081])
    assert.not.ok(isCountedRule({ id, composite: undefined }), `${id}`);
});

test('answers rules by their level, but never a rule that only counts', () => {
  const choice = { level: 10 };
  assert.is(isAnswered({ id: 100_100, level: 10 }, choice), true);
  assert.is(isAnswered({ id: 100_100, level: 9 }, choice), false);
  for (const { rule } of UNANSWERED) assert.is(isAnswered({ id: rule, level: 16 }, choice), false, `${rule}`);
});

test('answers a rule that ANSWER_RULES names, at any level', () => {
  const choice = { level: 10, rules: new Set([31151, 31101]) };
  assert.is(isAnswered({ id: 31151, level: 10 }, choice), true);
  assert.is(isAnswered({ id: 31101, level: 5 }, choice), true);
  assert.is(isAnswered({ id: 31152, level: 10 }, choice), false);
});

test.run();
