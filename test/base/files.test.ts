import { execFileSync } from 'node:child_process';
import fs, {
  chmodSync,
  chownSync,
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
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EX, RiposteError } from '../../base/errors.ts';
import {
  appendLine,
  fileError,
  holdsLine,
  isMissing,
  readIfThere,
  replaceFile,
  writeNewFile,
} from '../../base/files.ts';
import { refuses, temporaryDirectory } from '../active-response/support.ts';

const modeOf = (file: string) => statSync(file).mode & 0o777;
const systemError = (code: string) => Object.assign(new Error(`${code}: something`), { code });

test('returns undefined when a file or its directory is missing', () => {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, 'file'), 'text');
  assert.is(readIfThere(join(directory, 'file')), 'text');
  assert.is(readIfThere(join(directory, 'none')), undefined);
  assert.is(readIfThere(join(directory, 'none/none')), undefined);
  assert.is(readIfThere(join(directory, 'file/none')), undefined);
});

test('names the file when it cannot be read', () => {
  const directory = temporaryDirectory();
  refuses(() => readIfThere(directory), EX.IOERR, /^cannot read \/.*riposte-test-\w+: it is a directory$/);
});

test('refuses a pipe without waiting for its writer, a file of another kind, and a file beyond the limit', () => {
  const file = join(temporaryDirectory(), 'file');
  execFileSync('mkfifo', [file]);
  refuses(() => readIfThere(file), EX.IOERR, /\/file: it is a pipe, not a regular file; move it away$/);
  refuses(() => readIfThere('/dev/zero'), EX.IOERR, /not a regular file/);
  refuses(() => readIfThere(dirname(file)), EX.IOERR, /it is a directory$/);
  writeFileSync(`${file}.2`, '12345');
  assert.is(readIfThere(`${file}.2`, { longest: 5 }), '12345');
  refuses(() => readIfThere(`${file}.2`, { longest: 4 }), EX.IOERR, /it is too large$/);
  execFileSync('truncate', ['-s', '10G', `${file}.3`]);
  refuses(() => readIfThere(`${file}.3`), EX.IOERR, /it is too large$/);
});

test('tells whether a short file has a line', () => {
  const file = join(temporaryDirectory(), 'file');
  assert.is(holdsLine(file, 'a\n'), false);
  writeFileSync(file, 'text\nÄ\nx text\n');
  for (const line of ['text\n', 'Ä\n', 'x text\n']) assert.is(holdsLine(file, line), true, line);
  for (const line of ['ext\n', 'tex\n', '\n', 'x\n', 'text.\n'])
    assert.is(holdsLine(file, line), false, line);
  writeFileSync(file, 'text');
  assert.is(holdsLine(file, 'text\n'), false);
  writeFileSync(file, `text\n${'x'.repeat(100_000)}`);
  assert.is(holdsLine(file, 'text\n'), false);
  writeFileSync(file, 'text\n');
  symlinkSync(file, `${file}.link`);
  assert.is(holdsLine(`${file}.link`, 'text\n'), false);
});

test('follows a link only where no other account can change it', () => {
  const directory = temporaryDirectory();
  const [file, link] = [join(directory, 'file'), join(directory, 'link')];
  writeFileSync(file, 'text');
  symlinkSync(file, link);
  assert.is(readIfThere(link), 'text');
  chmodSync(directory, 0o770);
  assert.is(readIfThere(file), 'text');
  refuses(() => readIfThere(link), EX.IOERR, /a link is in the way/);
  assert.is(readIfThere(link, { followsLinks: true }), 'text');
});

test('reads a file of /proc, whose size is 0', () => {
  assert.match(readIfThere('/proc/self/status') ?? '', 'NoNewPrivs');
});

test('throws an error when a file exists and cannot be reached', () => {
  const loop = join(temporaryDirectory(), 'loop');
  symlinkSync('loop', loop);
  refuses(() => readIfThere(loop), EX.IOERR, /^cannot read \/.*\/loop: a link is in the way; move it away$/);
});

test('appends a line, and creates the directory when it is missing', () => {
  const file = join(temporaryDirectory(), 'a/b/log');
  appendLine(file, 'one');
  appendLine(file, 'zwei ü');
  assert.is(readFileSync(file, 'utf8'), 'one\nzwei ü\n');
});

test('creates a file with exactly the given mode', () => {
  const file = join(temporaryDirectory(), 'log');
  const umask = process.umask(0o002);
  try {
    appendLine(file, 'one', 0o660);
  } finally {
    process.umask(umask);
  }
  assert.is(modeOf(file), 0o660);
});

test('gives a new file the group of its directory, whichever account creates it', () => {
  const directory = temporaryDirectory();
  // Only root can give the directory another group; other accounts use the directory's own group.
  const gid = process.getuid?.() === 0 ? 1 : statSync(directory).gid;
  chownSync(directory, -1, gid);
  const log = join(directory, 'log');
  appendLine(log, 'one', 0o660);
  assert.is(statSync(log).gid, gid);
  assert.is(modeOf(log), 0o660);
});

test('refuses to append through a symbolic or a hard link', () => {
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
  refuses(() => appendLine(twin, 'x', 0o666), EX.IOERR, /it has several hard links/);
  assert.is(readFileSync(precious, 'utf8'), 'precious');
  assert.is(modeOf(precious), 0o600);
});

test('refuses a pipe instead of a file, without waiting', () => {
  const pipe = join(temporaryDirectory(), 'pipe');
  execFileSync('mkfifo', [pipe]);
  refuses(() => appendLine(pipe, 'x'), EX.IOERR, /^cannot write \/.*\/pipe: it is a pipe/);
  refuses(() => readIfThere(pipe), EX.IOERR, /^cannot read \/.*\/pipe: it is a pipe/);
  const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
  refuses(() => appendLine(pipe, 'x'), EX.IOERR, /it is a pipe/);
  closeSync(reader);
});

test('leaves the new text and no temporary file after replacing', () => {
  const directory = temporaryDirectory();
  const file = join(directory, 'file');
  replaceFile(file, 'first\n');
  replaceFile(file, 'second\n');
  assert.is(readFileSync(file, 'utf8'), 'second\n');
  assert.equal(readdirSync(directory), ['file']);
});

test('creates a missing directory before it replaces a file', () => {
  const file = join(temporaryDirectory(), 'var/riposte/blocks/route-null/203.0.113.9.json');
  replaceFile(file, '{}\n');
  assert.is(readFileSync(file, 'utf8'), '{}\n');
});

test('replaces the inode, so that a reader keeps the old file', () => {
  const file = join(temporaryDirectory(), 'file');
  replaceFile(file, 'first\n');
  const { ino } = statSync(file);
  replaceFile(file, 'second\n');
  assert.is.not(statSync(file).ino, ino);
});

test('leaves no temporary file when replacing fails, and says why', () => {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, 'file/in-the-way'), { recursive: true });
  refuses(() => replaceFile(join(directory, 'file'), 'text'), EX.IOERR, /^cannot write \/.*\/file: /);
  assert.equal(readdirSync(directory), ['file']);
});

test('names the file when its directory cannot be created', () => {
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

test('gives a new file and its directory the requested modes', () => {
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

test('throws an error when the disk is full', () => {
  refuses(
    () => appendLine('/dev/full', 'x'),
    EX.IOERR,
    /^cannot write \/dev\/full: no space left on the device$/,
  );
});

test('distinguishes a missing file from a file that it may not access', () => {
  assert.ok(isMissing(systemError('ENOENT')));
  assert.ok(isMissing(systemError('ENOTDIR')));
  assert.not(isMissing(systemError('EACCES')));
  assert.not(isMissing(new Error('other')));
});

test('turns a system error into a line of advice and an exit code', () => {
  for (const [code, exitCode, why] of [
    ['EACCES', EX.NOPERM, 'permission denied (run as root?)'],
    ['EPERM', EX.NOPERM, 'operation not permitted (run as root? chattr -i?)'],
    ['ENOSPC', EX.IOERR, 'no space left on the device'],
    ['EDQUOT', EX.IOERR, 'the disk quota is used up'],
    ['EROFS', EX.IOERR, 'the file system is read-only (in a systemd unit: is it in ReadWritePaths=?)'],
    ['EEXIST', EX.IOERR, 'something else is in the way; move it away'],
    ['EIO', EX.IOERR, 'EIO: something'],
  ] as const) {
    const error = fileError('write', '/a/file', systemError(code));
    assert.is(error.exitCode, exitCode, code);
    assert.is(error.message, `cannot write /a/file: ${why}`);
  }
});

test('returns a RiposteError unchanged', () => {
  const error = new RiposteError(EX.TEMPFAIL, 'later');
  assert.is(fileError('write', '/a/file', error), error);
});

test('replaces a link that has the name of the temporary file', () => {
  const directory = temporaryDirectory();
  const victim = join(directory, 'victim');
  writeFileSync(victim, 'untouched');
  symlinkSync(victim, join(directory, `.file.${process.pid}.tmp`));
  replaceFile(join(directory, 'file'), 'text');
  assert.is(readFileSync(victim, 'utf8'), 'untouched');
  assert.is(readFileSync(join(directory, 'file'), 'utf8'), 'text');
});

test('creates files and directories that other accounts cannot access', () => {
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

test('syncs a file before renaming it', () => {
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
