import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

/** Tests the start of the built command, because each verb waits for it. */

/** Prints the modules of Node that a program requires, one per line, on standard error. */
const PRINT_REQUIRED = `const { Module } = require('node:module');
const { writeSync } = require('node:fs');
const load = Module._load;
Module._load = function (name, ...rest) {
  writeSync(2, name + '\\n');
  return load.call(this, name, ...rest);
};
`;

async function requiredBy(...words: string[]): Promise<string[]> {
  const directory = await mkdtemp(join(tmpdir(), 'riposte-start-'));
  try {
    const hook = join(directory, 'hook.cjs');
    await writeFile(hook, PRINT_REQUIRED);
    const { stderr } = await execa(process.execPath, ['--require', hook, 'dist/riposte.js', ...words]);
    return stderr.split('\n');
  } finally {
    await rm(directory, { recursive: true });
  }
}

test('loads neither backends nor node:child_process before a verb needs them', async () => {
  const required = await requiredBy('--version');
  assert.ok(required.includes('node:fs'));
  assert.not(required.includes('node:child_process'), required.join(' '));
  assert.ok((await requiredBy('help', 'status')).includes('node:child_process'));
});

test('has only ASCII characters, which Node keeps at one byte each', () => {
  const program = readFileSync('dist/riposte.js');
  assert.is(program.toString('utf8').length, program.length);
});

test.run();
