import { execFileSync } from 'node:child_process';
import fs, {
  closeSync,
  constants,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EX, RiposteError } from '../../active-response/errors.ts';
import {
  appendLine,
  fileError,
  isMissing,
  readIfThere,
  replaceFile,
  writeNewFile,
} from '../../active-response/files.ts';
import { refuses, temporaryDirectory } from './support.ts';

const modeOf = (file: string) => statSync(file).mode & 0o777;
const systemError = (code: string) => Object.assign(new Error(`${code}: something`), { code });

test('a missing file reads as undefined, also below a file that is no directory', () => {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, 'file'), 'text');
  assert.is(readIfThere(join(directory, 'file')), 'text');
  assert.is(readIfThere(join(directory, 'none')), undefined);
  assert.is(readIfThere(join(directory, 'none/none')), undefined);
  assert.is(readIfThere(join(directory, 'file/none')), undefined);
});

test('a file that cannot be read is an error that names it', () => {
  const directory = temporaryDirectory();
  refuses(() => readIfThere(directory), EX.IOERR, /^cannot read \/.*riposte-test-\w+: it is a directory$/);
});

test('a file that is there and cannot be reached is an error, and not a missing one', () => {
  const loop = join(temporaryDirectory(), 'loop');
  symlinkSync('loop', loop);
  refuses(() => readIfThere(loop), EX.IOERR, /^cannot read \/.*\/loop: a link is in the way; move it away$/);
});

test('a line is added to what is there, and the directory is made when it is missing', () => {
  const file = join(temporaryDirectory(), 'a/b/log');
  appendLine(file, 'one');
  appendLine(file, 'zwei ü');
  assert.is(readFileSync(file, 'utf8'), 'one\nzwei ü\n');
});

test('a file is made with the mode that was asked for, less the umask', () => {
  const file = join(temporaryDirectory(), 'log');
  const umask = process.umask(0o002);
  try {
    appendLine(file, 'one', 0o660);
  } finally {
    process.umask(umask);
  }
  assert.is(modeOf(file), 0o660);
});

test('a line is never added through a link, nor to a file with a second name: root would write to another’s', () => {
  const directory = temporaryDirectory();
  const [precious, log, twin] = ['precious', 'log', 'twin'].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ];
  symlinkSync('precious', log);
  refuses(() => appendLine(log, 'x', 0o666), EX.IOERR, /^cannot write \/.*\/log: a link is in the way/);
  assert.not.ok(existsSync(precious));
  writeFileSync(precious, 'precious', { mode: 0o600 });
  refuses(() => appendLine(log, 'x', 0o666), EX.IOERR, /a link is in the way/);
  linkSync(precious, twin);
  refuses(() => appendLine(twin, 'x', 0o666), EX.IOERR, /it has a second name elsewhere/);
  assert.is(readFileSync(precious, 'utf8'), 'precious');
  assert.is(modeOf(precious), 0o600);
});

test('a pipe in place of a file is an error, and waited for by nobody', () => {
  const pipe = join(temporaryDirectory(), 'pipe');
  execFileSync('mkfifo', [pipe]);
  refuses(() => appendLine(pipe, 'x'), EX.IOERR, /^cannot write \/.*\/pipe: it is a pipe/);
  refuses(() => readIfThere(pipe), EX.IOERR, /^cannot read \/.*\/pipe: it is a pipe/);
  const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
  refuses(() => appendLine(pipe, 'x'), EX.IOERR, /it is a pipe/);
  closeSync(reader);
});

test('replacing leaves the new text and no temporary file', () => {
  const directory = temporaryDirectory();
  const file = join(directory, 'file');
  replaceFile(file, 'first\n');
  replaceFile(file, 'second\n');
  assert.is(readFileSync(file, 'utf8'), 'second\n');
  assert.equal(readdirSync(directory), ['file']);
});

test('replacing makes the directory', () => {
  const file = join(temporaryDirectory(), 'var/riposte/blocks/route-null/203.0.113.9.json');
  replaceFile(file, '{}\n');
  assert.is(readFileSync(file, 'utf8'), '{}\n');
});

test('replacing is another file, so that a reader of the old one keeps it', () => {
  const file = join(temporaryDirectory(), 'file');
  replaceFile(file, 'first\n');
  const { ino } = statSync(file);
  replaceFile(file, 'second\n');
  assert.is.not(statSync(file).ino, ino);
});

test('replacing that fails leaves no temporary file, and says why', () => {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, 'file/in-the-way'), { recursive: true });
  refuses(() => replaceFile(join(directory, 'file'), 'text'), EX.IOERR, /^cannot write \/.*\/file: /);
  assert.equal(readdirSync(directory), ['file']);
});

test('a directory that cannot be made is an error that names the file', () => {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, 'file'), '');
  const file = join(directory, 'file/below');
  refuses(
    () => appendLine(file, 'x'),
    EX.IOERR,
    /^cannot write \/.*\/file\/below: a part of the path is not a directory$/,
  );
  refuses(() => replaceFile(file, 'x'), EX.IOERR, /^cannot write \/.*\/file\/.*below.*: a part of the path/);
});

test('a new file and its directory get their own modes', () => {
  const file = join(temporaryDirectory(), 'apache/deny.map');
  const umask = process.umask(0o022);
  try {
    writeNewFile(file, 'text', { mode: 0o644, directoryMode: 0o755 });
  } finally {
    process.umask(umask);
  }
  assert.is(readFileSync(file, 'utf8'), 'text');
  assert.is(modeOf(file), 0o644);
  assert.is(modeOf(join(file, '..')), 0o755);
});

test('a disk without space is an error, not a short file', () => {
  refuses(
    () => appendLine('/dev/full', 'x'),
    EX.IOERR,
    /^cannot write \/dev\/full: no space left on the device$/,
  );
});

test('what is missing is told from what is refused', () => {
  assert.ok(isMissing(systemError('ENOENT')));
  assert.ok(isMissing(systemError('ENOTDIR')));
  assert.not(isMissing(systemError('EACCES')));
  assert.not(isMissing(new Error('other')));
});

test('system errors become one line that says what to look at, and the exit code of their kind', () => {
  for (const [code, exitCode, why] of [
    ['EACCES', EX.NOPERM, 'permission denied (run as root?)'],
    ['EPERM', EX.NOPERM, 'operation not permitted (run as root? chattr -i?)'],
    ['ENOSPC', EX.IOERR, 'no space left on the device'],
    ['EDQUOT', EX.IOERR, 'the disk quota is used up'],
    ['EROFS', EX.IOERR, 'the file system is read-only (in a unit of systemd: is it in ReadWritePaths=?)'],
    ['EEXIST', EX.IOERR, 'something else is in the way; move it away'],
    ['EIO', EX.IOERR, 'EIO: something'],
  ] as const) {
    const error = fileError('write', '/a/file', systemError(code));
    assert.is(error.exitCode, exitCode, code);
    assert.is(error.message, `cannot write /a/file: ${why}`);
  }
});

test('an error that is told already stays as it is', () => {
  const error = new RiposteError(EX.TEMPFAIL, 'later');
  assert.is(fileError('write', '/a/file', error), error);
});

test('a link at the place of the temporary file is replaced, not written through', () => {
  const directory = temporaryDirectory();
  const victim = join(directory, 'victim');
  writeFileSync(victim, 'untouched');
  symlinkSync(victim, join(directory, `.file.${process.pid}.tmp`));
  replaceFile(join(directory, 'file'), 'text');
  assert.is(readFileSync(victim, 'utf8'), 'untouched');
  assert.is(readFileSync(join(directory, 'file'), 'utf8'), 'text');
});

test('others can read neither files nor directories', () => {
  const old = process.umask(0);
  try {
    const directory = temporaryDirectory();
    replaceFile(join(directory, 'ledger/file'), 'text');
    appendLine(join(directory, 'journal/file'), 'line');
    for (const path of ['ledger', 'journal', 'ledger/file', 'journal/file'])
      assert.is(statSync(join(directory, path)).mode & 0o007, 0, path);
  } finally {
    process.umask(old);
  }
});

test('the bytes are on the disk before the file has its name', () => {
  const { fsyncSync, renameSync } = fs;
  const steps: string[] = [];
  fs.fsyncSync = (fd) => {
    steps.push('sync');
    fsyncSync(fd);
  };
  fs.renameSync = (from, to) => {
    steps.push('rename');
    renameSync(from, to);
  };
  syncBuiltinESMExports();
  try {
    replaceFile(join(temporaryDirectory(), 'file'), 'text');
  } finally {
    Object.assign(fs, { fsyncSync, renameSync });
    syncBuiltinESMExports();
  }
  assert.equal(steps, ['sync', 'rename']);
});

test.run();
