import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { changesBetween } from '../../../cli/rule-pack/changes.ts';

const changes = (path: string, before: string, after: string) =>
  changesBetween(new Map([[path, before]]), new Map([[path, after]]));
const rule = (id: number, text = '') => `<rule id="${id}" level="10">${text}</rule>\n`;

test('names rules that are added, changed and removed', () => {
  assert.equal(changes('rules/a.xml', rule(1) + rule(2) + rule(3), rule(2, 'x') + rule(3) + rule(4)), [
    'a.xml: rules added 4; changed 2; removed 1',
  ]);
  assert.equal(changes('rules/a.xml', rule(1), `<!-- x -->${rule(1)}`), ['a.xml: comments changed']);
});

test('shows the changed lines of a list, and only counts the rest of many lines', () => {
  assert.equal(changes('lists/a.json', '"1.0.0.0/8",\n"2.0.0.0/8"\n', '"1.0.0.0/8"\n"3.0.0.0/8\x1b"\n'), [
    'a.json: 1 line added, 1 removed',
    '  + "3.0.0.0/8\\u001b"',
    '  - "2.0.0.0/8"',
  ]);
  const many = Array.from({ length: 12 }, (_, index) => `line ${index}\n`).join('');
  assert.is(changes('a.txt', '', many).at(-1), '  and 4 more');
});

test('says nothing about equal files, or about the form of a file for a manager', () => {
  assert.equal(changes('rules/a.xml', rule(1), rule(1)), []);
  assert.equal(changes('ossec/rules/a.xml', rule(1), rule(2)), []);
});

test.run();
