import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EX, RiposteError } from '../../base/errors.ts';
import type { Program } from '../../install/program.ts';
import { runRestart } from '../../install/run-restart.ts';

async function endOf(
  program: Program,
  limit?: number,
): Promise<{ error: RiposteError | undefined; said: string }> {
  let said = '';
  const io = { err: (text: string) => (said += text) };
  try {
    await runRestart(program, '/', io, limit);
    return { error: undefined, said };
  } catch (error) {
    assert.instance(error, RiposteError);
    return { error: error as RiposteError, said };
  }
}

test('returns when the command has ended, and names the command', async () => {
  const { error, said } = await endOf(['/bin/sh', '-c', 'echo started']);
  assert.is(error, undefined);
  assert.match(said, 'riposte: running /bin/sh -c echo started; this can take a minute\n');
});

test('reports the last line of a command that fails', async () => {
  const { error } = await endOf(['/bin/sh', '-c', 'echo first; echo "cannot start" >&2; exit 1']);
  assert.is(error?.exitCode, EX.UNAVAILABLE);
  assert.match(error?.message ?? '', /: cannot start$/);
  assert.match((await endOf(['/bin/sh', '-c', 'exit 3'])).error?.message ?? '', 'ended with status 3');
  assert.match((await endOf(['/nowhere/control', 'restart'])).error?.message ?? '', 'ENOENT');
});

test('gives up after the time limit, and leaves the command running', async () => {
  const { error } = await endOf(['/bin/sh', '-c', 'echo waiting; exec sleep 1000'], 200);
  assert.is(error?.exitCode, EX.TEMPFAIL);
  const [, pid] =
    /has not ended after 0\.2 seconds, and continues as process (\d+)/.exec(error?.message ?? '') ?? [];
  process.kill(Number(pid), 'SIGKILL'); // throws if the command does not run
});

test.run();
