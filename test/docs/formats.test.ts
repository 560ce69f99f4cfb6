import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CARRIERS } from '../../logs/carriers/carriers.ts';
import { FORMATS } from '../../logs/readers/formats.ts';

const page = readFileSync('docs/logs.md', 'utf8');

test('docs/logs.md names every format and every carrier', () => {
  const names = [...FORMATS.map(({ name }) => name), ...CARRIERS.map(({ name }) => `${name}:`)];
  assert.equal(
    names.filter((name) => !page.includes(`\`${name}\``)),
    [],
  );
});

test.run();
