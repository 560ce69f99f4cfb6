import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RiposteError } from '../../../base/errors.ts';
import { readXml } from '../../../engine/xml/read-xml.ts';

const read = (text: string) => readXml(text, 'x.xml');
const only = (text: string) => {
  const [element] = read(text);
  assert.ok(element);
  return element;
};

test('reads several roots, text between them and comments with dashes', () => {
  const roots = read(
    '<?xml version="1.0"?>\nhello <a>1</a> <!-- one -- two - - --> & <b x="1" y=\'2\'/>\n<c />',
  );
  assert.equal(
    roots.map(({ name, text, attributes }) => [name, text, attributes.length]),
    [
      ['a', '1', 0],
      ['b', '', 2],
      ['c', '', 0],
    ],
  );
});

test('reads a bare ampersand, an escaped < and a comment in text', () => {
  assert.is(only('<r>a & b \\<c> <!-- no -->d</r>').text, 'a & b \\<c> d');
});

test('records the line of each element', () => {
  const element = only('<a>\n\n<b>\n</b>\n<!--\n\n-->\n<c></c></a>');
  assert.equal(
    element.children.map(({ position }) => position.line),
    [3, 8],
  );
});

test('ends a comment at !> as well', () => {
  assert.is(only('<!-- a !><b>1</b>').name, 'b');
});

test('replaces variables up to the next $ . | , or space, in any case', () => {
  const element = only('<var name="BAD">error|fatal</var><r>^$bad|$BAD.x, a$|b$</r>');
  assert.is(element.text, '^error|fatal|error|fatal.x, a$|b$');
});

test('leaves $ alone in a file without variables', () => {
  assert.is(only('<r>cost $100 $x</r>').text, 'cost $100 $x');
});

for (const [what, text, message] of [
  ['an element that is not closed', '<a>\n<b>', 'x.xml:2: '],
  [
    'an element whose closing tag has another name',
    '<a>\n\n</b>',
    "x.xml:3: element 'a' of line 1 is closed by '</b>'",
  ],
  ['an attribute without a value', '<a\nb>1</a>', "attribute 'b' has no value"],
  ['an attribute without quotes', '<a b=1>x</a>', 'not quoted'],
  ['an attribute that is given twice', '<a b="1" b="2">x</a>', 'twice'],
  ['a comment that is not closed', '<a>1</a>\n<!-- x', 'x.xml:2: a comment is not closed'],
  ['a closing tag without an opening tag', '</a>', 'no opening tag'],
  ['an unknown variable', '<var name="A">1</var>\n<r>x $B y</r>', "x.xml:2: unknown variable 'B'"],
  ['a text of more than 8 KB', `<a>${'x'.repeat(9000)}</a>`, 'over 8192 bytes'],
] as const) {
  test(`reports ${what}, with file and line`, () => {
    assert.throws(
      () => read(text),
      (error: unknown) =>
        error instanceof RiposteError && error.exitCode === 78 && error.message.includes(message),
    );
  });
}

test.run();
