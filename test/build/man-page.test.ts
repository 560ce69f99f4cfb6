import { readFile } from 'node:fs/promises';
import { execa } from 'execa';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { manPage } from '../../build/man-page.ts';
import { usageOf } from '../../cli/help.ts';
import { allVerbs, verbGroups } from '../../cli/verbs/verbs.ts';
import { missing } from '../lab/tools.ts';

const verbs = await allVerbs();
const built = await readFile('dist/man/riposte.8', 'utf8');
const formatter = ['groff', 'mandoc', 'man'].find((program) => missing(program).length === 0);

test('builds the page from the verbs', async () => {
  const { version } = JSON.parse(await readFile('package.json', 'utf8'));
  assert.is(built, manPage(await verbGroups(), version));
});

test('starts each line with a request, an escape or text, but never with a quote', () => {
  for (const line of built.trimEnd().split('\n')) {
    assert.not.match(line, /^'|^\s*$/);
    if (line.startsWith('.')) assert.match(line, /^\.(TH|SH|SS|TP|PP|B|I|br|EX|EE)\b/);
    assert.not.match(line.replace(/\\(\[u[\dA-F]{4,}\]|\([a-z]{2}|[-&e]|f[BR])/g, ''), /\\|[^ -~]/);
  }
});

test('escapes text that looks like a request or an escape', () => {
  const page = manPage(
    {
      act: {
        odd: {
          summary: 'x\\n',
          operands: "'br",
          options: { a: { text: ".sp\n'sp ü" } },
          examples: [],
          run: async () => 0,
        },
      },
    },
    '1.0',
  );
  assert.match(page, 'X\\en.');
  assert.match(page, '\n\\&.sp\n\\(aqsp \\[u00FC]\n');
});

if (formatter === undefined) console.log('skipped: formatted manual page: needs groff, mandoc or man');
(formatter === undefined ? test.skip : test)(
  'contains every verb, option and status when formatted, and raises no warning',
  async () => {
    const words = {
      groff: ['groff', '-man', '-Tascii', '-ww', '-rLL=130n', '-P-c', '-P-b', '-P-o', '-P-u'],
      mandoc: ['mandoc', '-Wwarning', '-Tascii'],
      man: ['man', '--warnings', '-l'],
    };
    const [program = '', ...args] = words[formatter as keyof typeof words];
    const { stdout, stderr } = await execa(program, [...args, 'dist/man/riposte.8'], {
      env: { MANWIDTH: '130' },
    });
    assert.is(stderr, '');
    for (const [name, { options }] of Object.entries(verbs)) {
      assert.match(stdout, `riposte ${name}`);
      for (const option of Object.entries(options)) assert.match(stdout, usageOf(option));
    }
    for (const group of Object.keys(await verbGroups()))
      assert.match(stdout, `VERBS TO ${group.toUpperCase()}`);
    for (const section of ['EXIT STATUS', 'ENVIRONMENT', 'FILES']) assert.match(stdout, section);
    assert.match(stdout, 'RIPOSTE_HOME');
  },
);

test.run();
