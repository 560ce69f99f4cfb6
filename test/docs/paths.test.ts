import { existsSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MAY_IMPORT } from '../../build/rooms.ts';

const PAGES = ['CONTRIBUTING.md', 'docs/architecture.md'];

/** The code spans of a page. */
const spansOf = (text: string): string[] =>
  [...text.replace(/^```.*?^```$/gms, '').matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);

/** Paths of the repository in a page: names of sources, and folders with a slash at the end, but no paths with NAME. */
const pathsIn = (text: string): string[] =>
  spansOf(text).filter(
    (span) => /^[\w./-]+(?:\.(?:ts|mjs|sh|xml|ini|seq|md|css)|\/)$/.test(span) && !span.includes('NAME'),
  );

/** The statements of a page that a file holds a function: `name()` in `file`. */
const functionsIn = (text: string): [name: string, file: string][] =>
  [...text.matchAll(/`(\w+)\(\)` in `([\w./-]+)`/g)].map(([, name = '', file = '']) => [name, file]);

const defines = (file: string, name: string): boolean =>
  new RegExp(String.raw`\bfunction\*? ${name}\b|\bconst ${name}\b|^ +(?:async )?${name}\(`, 'm').test(
    readFileSync(file, 'utf8'),
  );

for (const page of PAGES) {
  const text = readFileSync(page, 'utf8');
  test(`names only existing paths in ${page}`, () => {
    assert.ok(pathsIn(text).length > 20);
    assert.equal(
      pathsIn(text).filter((path) => !existsSync(path)),
      [],
    );
  });
}

test('names each function in docs/architecture.md with the file that holds it', () => {
  const functions = functionsIn(readFileSync('docs/architecture.md', 'utf8'));
  assert.ok(functions.length > 20);
  assert.equal(
    functions.filter(([name, file]) => !defines(file, name)),
    [],
  );
});

test('lists in the table of rooms exactly the imports that build/rooms.ts allows', () => {
  const rows = readFileSync('docs/architecture.md', 'utf8').matchAll(/^\| `([\w-]+)\/` \|.*\| ?(.*?) ?\|$/gm);
  assert.equal(
    [...rows].map(([, room = '', imports = '']) => [room, imports === '' ? [] : imports.split(', ')]),
    Object.entries(MAY_IMPORT).map(([room, imports]) => [room, [...imports]]),
  );
});

test('finds a path that does not exist, and a function that is elsewhere', () => {
  const text = '`base/gone.ts`, `NAME.ts`, `npm test`, `gone/` and `sweep()` in `base/io.ts`';
  assert.equal(pathsIn(text), ['base/gone.ts', 'gone/', 'base/io.ts']);
  assert.equal(functionsIn(text), [['sweep', 'base/io.ts']]);
  assert.not(defines('base/io.ts', 'sweep'));
});

test.run();
