import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RuleLabels } from '../../metrics/rule-labels.ts';

test('labels a rule by its id, and a block without a rule as none', () => {
  const labels = new RuleLabels();
  assert.equal([labels.of('31151'), labels.of(117010), labels.of(undefined)], ['31151', '117010', 'none']);
});

test('labels further rules as other when there are too many rules, and keeps the labels in use', () => {
  const labels = new RuleLabels(['3'], 3);
  assert.equal(
    ['1', '2', '4', '5', '3', '1', '4'].map((rule) => labels.of(rule)),
    ['1', '2', 'other', 'other', '3', '1', 'other'],
  );
});

test('labels an invalid id as other, without using up a label', () => {
  const labels = new RuleLabels(['none', 'other', '__proto__'], 1);
  assert.equal(
    ['203.0.113.7', '__proto__', '(no_rule_id)', '123456789', '', '1'].map((rule) => labels.of(rule)),
    ['other', 'other', 'other', 'other', 'other', '1'],
  );
});

test.run();
