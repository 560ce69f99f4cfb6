import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { look, type Plan, runPlan } from '../../../active-response/backend/backend.ts';
import { EX } from '../../../base/errors.ts';
import { dryExecutor, realExecutor } from '../../../base/execute.ts';
import { directoryOfPrograms, refuses, temporaryDirectory } from '../support.ts';

/** Programs that leave a mark, or fail with a given message. */
const PROGRAMS = `${directoryOfPrograms({ mark: 'touch "$1"', fail: 'echo "$1" >&2; exit 1' })}:/usr/bin:/bin`;
const executor = realExecutor(20, { PATH: PROGRAMS });
const fail = (words: string, tolerate?: RegExp) => ({ program: 'fail', args: [words], tolerate });

/** `mark` makes a command that creates a file named by a letter; `ran` returns the letters of the commands that ran. */
function marks() {
  const directory = temporaryDirectory();
  return {
    mark: (letter: string) => ({ program: 'mark', args: [join(directory, letter)] }),
    ran: () => ['a', 'b', 'c', 'd'].filter((letter) => existsSync(join(directory, letter))).join(''),
  };
}

function run(plan: (mark: ReturnType<typeof marks>['mark']) => Plan): string {
  const { mark, ran } = marks();
  runPlan(plan(mark), executor);
  return ran();
}

test('runs the commands of an attempt in order, and no further attempt after a success', () => {
  assert.is(
    run((mark) => [{ commands: [mark('a'), mark('b')], nextIf: /./ }, { commands: [mark('c')] }]),
    'ab',
  );
});

test('runs the next attempt when a command fails as expected, and skips the rest of the failed attempt', () => {
  assert.is(
    run((mark) => [
      { commands: [mark('a'), fail('no such set'), mark('b')], nextIf: /no such set/ },
      { commands: [mark('c')] },
    ]),
    'ac',
  );
});

test('ends the plan with the program’s message when an attempt fails unexpectedly', () => {
  const { mark, ran } = marks();
  const plan = [{ commands: [fail('not permitted')], nextIf: /no such set/ }, { commands: [mark('a')] }];
  refuses(() => runPlan(plan, executor), EX.NOPERM, /^fail: not permitted$/);
  assert.is(ran(), '');
});

test('runs no further attempt when an attempt without a condition fails', () => {
  const { mark, ran } = marks();
  refuses(
    () => runPlan([{ commands: [fail('no such set')] }, { commands: [mark('a')] }], executor),
    EX.UNAVAILABLE,
    /^fail: no such set$/,
  );
  assert.is(ran(), '');
});

test('throws the last attempt’s error when all attempts fail', () => {
  const plan = [
    { commands: [fail('first')], nextIf: /./ },
    { commands: [fail('second')], nextIf: /./ },
  ];
  refuses(() => runPlan(plan, executor), EX.UNAVAILABLE, /^fail: second$/);
});

test('treats a tolerated error message as success', () => {
  assert.is(
    run((mark) => [{ commands: [fail('does not exist', /does not exist/), mark('a')] }]),
    'a',
  );
});

test('ends the plan when a program is missing, whatever the attempts expect', () => {
  const { mark, ran } = marks();
  const plan = [
    { commands: [{ program: 'riposte-none', args: [] }], nextIf: /./ },
    { commands: [mark('a')] },
  ];
  refuses(() => runPlan(plan, executor), EX.UNAVAILABLE, /^riposte-none is not in PATH/);
  assert.is(ran(), '');
});

test('prints every attempt in a dry run', () => {
  const said: string[] = [];
  const plan = [
    { commands: [{ program: 'one', args: ['a'] }], nextIf: /./ },
    { commands: [{ program: 'two', args: [] }] },
  ];
  runPlan(
    plan,
    dryExecutor(20, { PATH: '' }, (line) => said.push(line)),
  );
  const between = 'or, if objects exist already or are missing:';
  assert.equal(said, ['would run: one a', between, 'would run: two']);
});

test('returns the output of a listing, or throws its failure', () => {
  assert.is(look({ program: 'echo', args: ['a b'] }, executor), 'a b\n');
  assert.is(look(fail('does not exist', /does not exist/), executor), '');
  refuses(
    () => look(fail('Error: permission denied'), executor),
    EX.NOPERM,
    /^fail: Error: permission denied$/,
  );
});

test.run();
