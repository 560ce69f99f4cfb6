import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EX, RiposteError } from '../../../base/errors.ts';
import { withBlocks, withoutBlocks } from '../../../install/ossec-conf/marked-blocks.ts';

const RULES = '<rules>\n  <include>a.xml</include>\n</rules>\n';
const AT = RULES.indexOf('<include>');
const LINES = ['<include>riposte.xml</include>', '', '  <!-- why -->'];

const refusal = (work: () => unknown): RiposteError => {
  try {
    work();
  } catch (error) {
    if (error instanceof RiposteError) return error;
  }
  throw new Error('nothing was refused');
};

test('puts a part at the start of a line on lines of its own, indented like the next line', () => {
  const text = withBlocks(RULES, [{ name: 'rules', at: AT, lines: LINES }]);
  const [first, begin, ...rest] = text.split('\n');
  assert.is(first, '<rules>');
  assert.match(begin ?? '', /^ {2}<!-- riposte:begin rules [0-9a-f]{12} \(/);
  assert.equal(rest, [
    '  <include>riposte.xml</include>',
    '',
    '    <!-- why -->',
    '  <!-- riposte:end rules -->',
    '  <include>a.xml</include>',
    '</rules>',
    '',
  ]);
});

test('inserts a part in the middle of a line', () => {
  const flat = '<rules><include>a.xml</include></rules>';
  const text = withBlocks(flat, [{ name: 'rules', at: flat.indexOf('</rules>'), lines: LINES }]);
  assert.match(text, /<\/include><!-- riposte:begin [\s\S]*<!-- riposte:end rules --><\/rules>$/);
  assert.is(withoutBlocks(text, 'conf'), flat);
});

test('restores every byte of any text, wherever the parts were inserted', () => {
  const piece = fc.constantFrom(' ', '\t', '\n', '\r\n', 'a', '<b>', '<!-- c -->', '\xff');
  const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), places, (pieces, shares) => {
      const text = pieces.join('');
      const insertions = shares.map((share, index) => {
        const before = pieces.slice(0, Math.round(share * pieces.length)).join('');
        return { name: `part${index}`, at: before.length, lines: LINES };
      });
      assert.is(withoutBlocks(withBlocks(text, insertions), 'conf'), text);
    }),
    { numRuns: 3000 },
  );
});

test('uses the line ends of the file', () => {
  const text = withBlocks(RULES.replaceAll('\n', '\r\n'), [{ name: 'rules', at: AT + 1, lines: LINES }]);
  assert.not.match(text, /[^\r]\n/);
});

test('accepts a part after an editor has converted its line ends', () => {
  const text = withBlocks(RULES, [{ name: 'rules', at: AT, lines: LINES }]);
  assert.is(withoutBlocks(text.replaceAll('\n', '\r\n'), 'conf'), RULES.replaceAll('\n', '\r\n'));
});

for (const [what, edit] of [
  ['an added line', (text: string) => text.replace('riposte.xml', 'riposte.xml</include><include>mine.xml')],
  ['a removed line', (text: string) => text.replace(/.*why.*\n/, '')],
  [
    'a comment around a line',
    (text: string) => text.replace('<include>riposte', '<!-- x --><include>riposte'),
  ],
] as const) {
  test(`refuses a part with ${what}, and names file and line, unless edits may be discarded`, () => {
    const text = edit(withBlocks(RULES, [{ name: 'rules', at: AT, lines: LINES }]));
    const { exitCode, message } = refusal(() => withoutBlocks(text, '/etc/ossec.conf'));
    assert.is(exitCode, EX.CONFIG);
    assert.match(message, '/etc/ossec.conf:2: ');
    assert.match(message, "'rules'");
    assert.is(withoutBlocks(text, '/etc/ossec.conf', true), RULES);
  });
}

for (const [what, edit] of [
  ['a begin without its end', (text: string) => text.replace(/ *<!-- riposte:end .*\n/, '')],
  ['an end without its begin', (text: string) => text.replace(/ *<!-- riposte:begin .*\n/, '')],
  ['an end with another name', (text: string) => text.replace('riposte:end rules', 'riposte:end other')],
  ['a part inside another part', (text: string) => text.replace(/( *<!-- riposte:begin .*\n)/, '$1$1')],
] as const) {
  test(`refuses ${what}, even with --force`, () => {
    const text = edit(withBlocks(RULES, [{ name: 'rules', at: AT, lines: LINES }]));
    for (const force of [false, true])
      assert.match(refusal(() => withoutBlocks(text, 'conf', force)).message, 'no counterpart');
  });
}

test.run();
