import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { inversionsIn } from './language/inversions.ts';
import { proseIn } from './language/prose.ts';

/**
 * Folders and files whose language is not revised yet. Remove an entry when its language is revised: the list must
 * become empty.
 */
const NOT_REVISED: readonly string[] = [];

/** The inversions in a file, as `file:line: phrase`. */
function inversionsOf(file: string, source: string): string[] {
  return proseIn(file, source)
    .flatMap(inversionsIn)
    .map(({ line, phrase }) => `${file}:${line}: ${phrase}`);
}

const isBelow = (path: string, file: string): boolean => file === path || file.startsWith(`${path}/`);

/** Files that quote inversions. */
const SAMPLES: readonly string[] = ['test/build/language.test.ts', 'CONTRIBUTING.md'];

/** The files with prose in the repository. */
const FILES = execFileSync('git', [
  'ls-files',
  '*.ts',
  '*.mjs',
  '*.sh',
  '*.xml',
  '*.conf',
  '*.cfg',
  '*.seq',
  '*.md',
])
  .toString()
  .split('\n')
  .filter((file) => file !== '' && !SAMPLES.includes(file));

test('finds no inversion in the revised folders', () => {
  const files = FILES.filter((file) => !NOT_REVISED.some((folder) => isBelow(folder, file)));
  assert.ok(files.length > 400, `${files.length} files`);
  assert.equal(
    files.flatMap((file) => inversionsOf(file, readFileSync(file, 'utf8'))),
    [],
  );
});

test('lists only folders that still have inversions', () => {
  const done = NOT_REVISED.filter((folder) =>
    FILES.filter((file) => isBelow(folder, file)).every(
      (file) => inversionsOf(file, readFileSync(file, 'utf8')).length === 0,
    ),
  );
  assert.equal(done, [], 'remove these from NOT_REVISED: their language is revised');
});

for (const [what, file, source, expected] of [
  ['a clause as the subject of a comment', 'a.ts', '// Who is busy waits.\n', ['a.ts:1: Who is busy waits.']],
  [
    'a clause that begins a doc comment',
    'a.ts',
    '\n/** What a script says. */\n',
    ['a.ts:2: What a script says.'],
  ],
  [
    'a clause in a later sentence',
    'a.ts',
    '/*\n * First.\n * Whoever waits\n * reads.\n */',
    ['a.ts:3: Whoever waits reads.'],
  ],
  [
    'a clause after a colon',
    'a.ts',
    '// Exit status 0: What failed is told.',
    ['a.ts:1: What failed is told.'],
  ],
  [
    'a clause as the subject of a test name',
    'a.ts',
    "test('who is blocked stays', async () => {});",
    ['a.ts:1: who is blocked stays'],
  ],
  [
    'a clause in a conditional test name',
    'a.ts',
    "(isRoot ? test : test.skip)('what is gone stays', () => {});",
    ['a.ts:1: what is gone stays'],
  ],
  [
    'a clause in a template',
    'a.ts',
    'say(`\u0024{name}: Whom it blocks is told.`);',
    ['a.ts:1: Whom it blocks is told.'],
  ],
  ['“that one”', 'a.ts', "throw new Error('another process runs: wait for that one');", ['a.ts:1: that one']],
  ['“stands still”', 'a.mjs', '// The clock\n// stands still.\n', ['a.mjs:2: stands still']],
  ['“is waited for”', 'a.sh', 'run # the end is waited for\n', ['a.sh:1: is waited for']],
  [
    'a male pronoun',
    'a.ts',
    "/** Blocks his address. */\nconst text = 'until he is gone';",
    ['a.ts:1: his', 'a.ts:2: he'],
  ],
  ['“bears out”', 'a.ts', '// No request bears out the record.\n', ['a.ts:1: bears out']],
  ['“stands before”', 'a.ts', '// The time stands before the request.\n', ['a.ts:1: stands before']],
  [
    '“is no”',
    'a.ts',
    'throw new Error(`\u0024{text} is no address of a host`);\n',
    ['a.ts:1: is no address'],
  ],
  ['“is no” before any noun', 'a.ts', '// The text is no JSON.\n', ['a.ts:1: is no JSON']],
  ['“so does”', 'a.ts', '// It throws; so does the other.\n', ['a.ts:1: ; so does']],
  ['“nor is”', 'a.ts', '// It is not read, nor is the rest.\n', ['a.ts:1: nor is']],
  ['“be no”', 'a.ts', '// A name may be no UTF-8.\n', ['a.ts:1: be no UTF']],
  ['“how many” as a comment', 'a.ts', '// How many bytes are read.\n', ['a.ts:1: How many bytes are read.']],
  ['“how long” as a comment', 'a.ts', '// How long a block lasts.\n', ['a.ts:1: How long a block lasts.']],
  ['“how to” as a title', 'a.ts', '// How to read a line.\n', []],
  [
    'an inversion in a page',
    'a.md',
    '# A `b`\n\n```sh\n# What is this\n```\n- What fails is told.\n',
    ['a.md:6: What fails is told.'],
  ],
  [
    'an inversion in a comment of a fragment',
    'a.conf',
    '# What is read stays.\n',
    ['a.conf:1: What is read stays.'],
  ],
  [
    'an inversion in a string of a shell',
    'a.sh',
    'echo "Node starts. What is missing stays."',
    ['a.sh:1: What is missing stays.'],
  ],
  [
    'an inversion in a comment of rules',
    'rules/a.xml',
    '<group>\n<!-- A.\n  -  What nobody asks for. -->',
    ['rules/a.xml:3: What nobody asks for.'],
  ],
  [
    'an inversion within a template’s expression',
    'a.ts',
    '`\u0024{value /* what is left */}`',
    ['a.ts:1: what is left'],
  ],
] as const) {
  test(`finds ${what}`, () => assert.equal(inversionsOf(file, source), [...expected]));
}

for (const [what, file, source] of [
  ['“there is no”', 'a.ts', '// There is no file, there was no name, and there may be no text.\n'],
  ['“so do not”', 'a.ts', '// The word is a variable; so do not end with it.\n'],
  ['“is no longer”', 'a.ts', '// It is no longer there, and no earlier file is older.\n'],
  ['a question', 'a.ts', '// What happens if the disk is full?\n'],
  ['a question as a test name', 'a.ts', "test('what happens now?', () => {});"],
  ['a clause as an object', 'a.ts', '// The list says who is blocked, and what to do.\n'],
  ['“so that one”', 'a.ts', '// Kept apart, so that one source hides no other.\n'],
  ['names in code', 'a.ts', 'const what = he.his[who];\nwhatever(him);\n'],
  ['a word in a string', 'a.ts', "const kinds = ['who', 'what', 'his'];\n"],
  ['a sample of a shell command', 'a.ts', "run('/usr/bin/whoami', 'what');\n"],
  ['a regular expression with quotes', 'a.ts', 'const quoted = /["\'`]who is he/;\n'],
  ['a division', 'a.ts', "const half = all / 2; const rest = 'x' / 2; // half\n"],
  ['code of a shell', 'a.sh', 'what=\u0024{#his} # counts\n[ "$#" -gt 0 ] && who\n'],
  ['elements of rules', 'rules/a.xml', '<description>What he asks for</description>'],
] as const) {
  test(`leaves ${what} alone`, () => assert.equal(inversionsOf(file, source), []));
}

test.run();
