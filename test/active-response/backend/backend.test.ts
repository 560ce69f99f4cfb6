import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { look, type Plan, runPlan } from '../../../active-response/backend/backend.ts';
import { dryExecutor, realExecutor } from '../../../active-response/backend/execute.ts';
import { EX } from '../../../active-response/errors.ts';
import { directoryOfPrograms, refuses, temporaryDirectory } from '../support.ts';

/** Programs that leave a mark, or fail with what they are told to say. */
const PROGRAMS = `${directoryOfPrograms({ mark: 'touch "$1"', fail: 'echo "$1" >&2; exit 1' })}:/usr/bin:/bin`;
const executor = realExecutor(20, { PATH: PROGRAMS });
const fail = (words: string, tolerate?: RegExp) => ({ program: 'fail', args: [words], tolerate });

/** A command for each letter, which leaves a file of this name, and what tells which of them ran. */
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

test('the commands of an attempt run one after the other, and the next attempt is not needed', () => {
  assert.is(
    run((mark) => [{ commands: [mark('a'), mark('b')], nextIf: /./ }, { commands: [mark('c')] }]),
    'ab',
  );
});

test('an attempt that fails as expected is followed by the next, and its other commands do not run', () => {
  assert.is(
    run((mark) => [
      { commands: [mark('a'), fail('no such set'), mark('b')], nextIf: /no such set/ },
      { commands: [mark('c')] },
    ]),
    'ac',
  );
});

test('an attempt that fails otherwise ends the plan with what the program said', () => {
  const { mark, ran } = marks();
  const plan = [{ commands: [fail('not permitted')], nextIf: /no such set/ }, { commands: [mark('a')] }];
  refuses(() => runPlan(plan, executor), EX.NOPERM, /^fail: not permitted$/);
  assert.is(ran(), '');
});

test('an attempt without a condition is the last', () => {
  const { mark, ran } = marks();
  refuses(
    () => runPlan([{ commands: [fail('no such set')] }, { commands: [mark('a')] }], executor),
    EX.UNAVAILABLE,
    /^fail: no such set$/,
  );
  assert.is(ran(), '');
});

test('when the last attempt fails too, the error is its own', () => {
  const plan = [
    { commands: [fail('first')], nextIf: /./ },
    { commands: [fail('second')], nextIf: /./ },
  ];
  refuses(() => runPlan(plan, executor), EX.UNAVAILABLE, /^fail: second$/);
});

test('a complaint that is tolerated is no failure', () => {
  assert.is(
    run((mark) => [{ commands: [fail('does not exist', /does not exist/), mark('a')] }]),
    'a',
  );
});

test('a missing program ends the plan, whatever the attempts expect', () => {
  const { mark, ran } = marks();
  const plan = [
    { commands: [{ program: 'riposte-none', args: [] }], nextIf: /./ },
    { commands: [mark('a')] },
  ];
  refuses(() => runPlan(plan, executor), EX.UNAVAILABLE, /^riposte-none is not in PATH/);
  assert.is(ran(), '');
});

test('a dry run says every attempt', () => {
  const said: string[] = [];
  const plan = [
    { commands: [{ program: 'one', args: ['a'] }], nextIf: /./ },
    { commands: [{ program: 'two', args: [] }] },
  ];
  runPlan(
    plan,
    dryExecutor(20, { PATH: '' }, (line) => said.push(line)),
  );
  const between = 'and if that finds too much or too little there:';
  assert.equal(said, ['would run: one a', between, 'would run: two']);
});

test('a listing is what the program prints, or its failure', () => {
  assert.is(look({ program: 'echo', args: ['a b'] }, executor), 'a b\n');
  assert.is(look(fail('does not exist', /does not exist/), executor), '');
  refuses(
    () => look(fail('Error: permission denied'), executor),
    EX.NOPERM,
    /^fail: Error: permission denied$/,
  );
});

test.run();
