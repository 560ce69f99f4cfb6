import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EX } from '../../base/errors.ts';
import { commandError, dryExecutor, type Result, realExecutor } from '../../base/execute.ts';
import { directoryOfPrograms, isPrintable, refuses, temporaryDirectory } from '../active-response/support.ts';

/** Runs a shell script as a program, with these arguments and this input. */
function run(
  script: string,
  some: { args?: string[]; input?: string; tolerate?: RegExp; timeout?: number } = {},
): Result {
  const { args = [], input, tolerate, timeout = 20 } = some;
  const PATH = `${directoryOfPrograms({ program: script })}:/usr/bin:/bin`;
  return realExecutor(timeout, { PATH, SECRET: 'x' }).run({ program: 'program', args, input, tolerate });
}

test('reports success with the output and without a complaint', () => {
  assert.equal(run('echo out; echo warning: careful >&2'), {
    ok: true,
    stdout: 'out\n',
    stderr: 'warning: careful\n',
    message: '',
  });
});

test('returns a result, not an exception, when the program fails', () => {
  assert.equal(run('echo out; echo "Error: no such table" >&2; exit 3'), {
    ok: false,
    stdout: 'out\n',
    stderr: 'Error: no such table\n',
    message: 'Error: no such table',
  });
});

test('picks the relevant line of a complaint with many lines', () => {
  assert.is(
    run(
      "printf 'Warning: x\\n/dev/stdin:1:1-8: Error: No such file or directory\\nadd element\\n^^^^^^^\\n' >&2; exit 1",
    ).message,
    '/dev/stdin:1:1-8: Error: No such file or directory',
  );
  assert.is(
    run("printf '\\n\\n  iptables: Bad rule  \\nTry -h\\n' >&2; exit 1").message,
    'iptables: Bad rule',
  );
  assert.is(
    run("printf 'v1.8\\nOperation not permitted (you must be root)\\n' >&2; exit 1").message,
    'Operation not permitted (you must be root)',
  );
});

test('adds the next line to a complaint that ends in a colon', () => {
  assert.is(
    run("printf 'AH00526: Syntax error on line 1 of /etc/x.conf:\\nInvalid command\\nmore\\n' >&2; exit 1")
      .message,
    'AH00526: Syntax error on line 1 of /etc/x.conf: Invalid command',
  );
  assert.is(run("printf 'Error:\\n' >&2; exit 1").message, 'Error:');
});

test('reads a complaint on standard output', () => {
  assert.is(run('echo no; exit 1').message, 'no');
  assert.is(run('echo AH00526: Syntax error on line 3; exit 1').message, 'AH00526: Syntax error on line 3');
});

test('reports the status or the signal of a program that fails silently', () => {
  assert.is(run('exit 7').message, 'exit status 7');
  assert.is(run('kill -TERM $$').message, 'ended by SIGTERM');
  assert.not(run('kill -TERM $$').ok);
});

test('makes a complaint one printable line of limited length', () => {
  const { message } = run(`printf '\\033[31mError: \\r${'x'.repeat(900)}\\n' >&2; exit 1`);
  assert.ok(isPrintable(message), message);
  assert.match(message, /^\\u001b\[31mError: \\u000dx+…$/);
  assert.ok(message.length < 350);
});

test('reports success when the complaint is tolerated', () => {
  assert.ok(run('echo "Error: does not exist" >&2; exit 1', { tolerate: /does not exist/ }).ok);
  assert.not(run('echo "Error: other" >&2; exit 1', { tolerate: /does not exist/ }).ok);
  const killed = run('echo "Error: does not exist" >&2; kill -KILL $$', { tolerate: /does not exist/ });
  assert.not(killed.ok, 'a killed program has not finished its work');
  assert.is(killed.message, 'Error: does not exist (ended by SIGKILL)');
});

test('searches the whole output for a tolerated complaint', () => {
  const script = 'printf "Error: first\\nCommand failed -:1\\n" >&2; exit 1';
  assert.ok(run(script, { tolerate: /failed -:1$/ }).ok);
  assert.not(run(script, { tolerate: /failed -:2/ }).ok);
  assert.ok(run('exit 7', { tolerate: /^exit status 7$/ }).ok);
});

test('throws an error when the program is missing', () => {
  const executor = realExecutor(20, { PATH: temporaryDirectory() });
  refuses(
    () => executor.run({ program: 'nft', args: [], tolerate: /./ }),
    EX.UNAVAILABLE,
    /^nft is not in PATH/,
  );
  refuses(() => executor.look({ program: 'nft', args: [] }), EX.UNAVAILABLE, /^nft is not in PATH/);
});

test('names the program in the error when it cannot be started', () => {
  const directory = directoryOfPrograms({ program: '' });
  const PATH = directory;
  const executor = realExecutor(20, { PATH });
  const args = ['x'.repeat(4_000_000)];
  refuses(
    () => executor.run({ program: 'program', args }),
    EX.UNAVAILABLE,
    new RegExp(`^cannot run ${directory}/program: .*E2BIG`),
  );
});

test('ends a program that takes too long, and names the setting', () => {
  refuses(
    () => run('exec sleep 100', { timeout: 0.2 }),
    EX.TEMPFAIL,
    /^program took longer than 0\.2 s \(COMMAND_TIMEOUT\) and was ended$/,
  );
});

test('ends a program that ignores SIGTERM and SIGINT', () => {
  refuses(
    () => run("trap '' TERM INT HUP; while :; do :; done", { timeout: 0.2 }),
    EX.TEMPFAIL,
    /took longer/,
  );
});

test('passes arguments unchanged', () => {
  const args = [
    '$(touch pwned)',
    '; id',
    '`id`',
    '* ?',
    'a b',
    '',
    '-rf',
    '"quoted" \'twice\'',
    'line\nbreak',
    '$HOME',
    '%s',
    '\\n',
  ];
  const { stdout } = run('for each; do printf "%s\\0" "$each"; done', { args });
  assert.equal(stdout.split('\0').slice(0, -1), args);
});

test('does not interpret the name of a program as a shell command', () => {
  const directory = temporaryDirectory();
  const executor = realExecutor(20, { PATH: `${directory}:/usr/bin:/bin` });
  refuses(
    () => executor.run({ program: `sh -c "touch ${directory}/pwned"`, args: [] }),
    EX.UNAVAILABLE,
    /is not in PATH/,
  );
  assert.equal(readdirSync(directory), []);
});

test('passes the whole input, and an empty input when there is none', () => {
  const input = `${'x'.repeat(1_000_000)}\nend`;
  assert.is(run('cat', { input }).stdout, input);
  assert.is(run('cat').stdout, '');
});

test('reports success when the program succeeds without reading its input', () => {
  const input = 'x'.repeat(1_000_000);
  assert.ok(run('exit 0', { input }).ok);
});

test('reports the complaint of a program that fails before reading its input', () => {
  const input = 'x'.repeat(1_000_000);
  assert.is(run('echo Operation not permitted >&2; exit 1', { input }).message, 'Operation not permitted');
});

test('gives a program no environment variables except PATH and the C locale', () => {
  const lines = run('/usr/bin/env')
    .stdout.trim()
    .split('\n')
    .map((line) => line.replace(/=.*/, ''));
  assert.equal(lines.filter((name) => !['PWD', 'OLDPWD', 'SHLVL', '_'].includes(name)).sort(), [
    'LC_ALL',
    'PATH',
  ]);
  assert.is(run('echo $LC_ALL').stdout, 'C\n');
});

test('runs a program in the root directory', () => {
  assert.is(run('pwd').stdout, '/\n');
});

test('reads large output whole', () => {
  assert.is(run('head -c 5000000 /dev/zero | tr "\\0" x').stdout.length, 5_000_000);
});

test('makes an edit in a real run', () => {
  let edited = false;
  realExecutor(1, {}).edit('edit a file', () => {
    edited = true;
  });
  assert.ok(edited);
});

test('prints commands and their input, and runs nothing, in a dry run', () => {
  const directory = directoryOfPrograms({ program: 'touch "$(dirname "$0")/ran"; echo looked' });
  const said: string[] = [];
  const executor = dryExecutor(20, { PATH: `${directory}:/usr/bin:/bin` }, (line) => said.push(line));
  const result = executor.run({ program: 'program', args: ['-f', '-'], input: 'add table\nadd set\n' });
  executor.edit('append a line', () => assert.unreachable('it edited'));
  assert.equal(result, { ok: true, stdout: '', stderr: '', message: '' });
  assert.equal(said, ['would run: program -f -', '  | add table', '  | add set', 'would append a line']);
  assert.not(existsSync(join(directory, 'ran')));
});

test('runs read-only commands in a dry run, too', () => {
  const PATH = directoryOfPrograms({ program: 'echo looked' });
  assert.is(dryExecutor(20, { PATH }, () => {}).look({ program: 'program', args: [] }).stdout, 'looked\n');
});

for (const [message, code] of [
  ['Operation not permitted (you must be root)', EX.NOPERM],
  ['iptables v1.8.9: can’t initialize: Permission denied (you must be root)', EX.NOPERM],
  ['ipset v7.17: Kernel error received: Operation not permitted', EX.NOPERM],
  ['Error: need to be a superuser', EX.NOPERM],
  ['Authorization failed: not authorized', EX.NOPERM],
  ['write: No space left on device', EX.IOERR],
  ['Error: syntax error, unexpected junk', EX.UNAVAILABLE],
  ['exit status 1', EX.UNAVAILABLE],
] as const) {
  test(`exits with ${code} after '${message}'`, () => {
    const error = commandError({ program: 'nft', args: [] }, { ok: false, stdout: '', stderr: '', message });
    assert.is(error.exitCode, code);
    assert.is(error.message, `nft: ${message}`);
  });
}

test.run();
