import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { homeAt } from '../../active-response/home.ts';
import { RequestDirectory } from '../../daemon/request-directory.ts';
import { childProgram } from '../active-response/child.ts';
import { temporaryDirectory } from '../active-response/support.ts';
import { Mounts } from '../lab/mounts.ts';
import { labSuite } from '../lab/suite.ts';
import { SHARE } from '../runner/share.ts';

/** Makes a request directory, and removes it after the work. */
function withDirectory(work: (directory: RequestDirectory) => void): void {
  const home = temporaryDirectory();
  mkdirSync(join(home, 'var/riposte'), { recursive: true });
  const directory = new RequestDirectory(homeAt(home));
  directory.create();
  try {
    work(directory);
  } finally {
    directory.remove();
  }
}

const mode = (path: string) => (lstatSync(path).mode & 0o777).toString(8);
/** Writes a file into the request directory, as a client does. */
const write = (directory: RequestDirectory, file: string, text = 'text') =>
  writeFileSync(join(directory.root, file), text);

test('lets only its owner enter, and removes the files of an earlier daemon', () =>
  withDirectory((directory) => {
    write(directory, 'in/7-1.00');
    write(directory, 'out/7-1.00.1');
    directory.create();
    assert.is(mode(realpathSync(directory.root)), '700');
    assert.equal(directory.waiting(), { requests: [], replies: [] });
    assert.equal(readdirSync(join(directory.root, 'out')), []);
    assert.is(mode(directory.wakeupFifo), '600');
    directory.remove();
    assert.not(existsSync(directory.root));
  }));

test('has a pid file only between open() and shut()', () =>
  withDirectory((directory) => {
    const file = join(directory.root, 'pid');
    assert.not(existsSync(file));
    directory.open(21, 900);
    assert.is(readFileSync(file, 'utf8'), `${process.pid} 21 900\n`);
    directory.shut();
    assert.not(existsSync(file));
  }));

test('lists requests and replies, but no withdrawn request and no other file', () =>
  withDirectory((directory) => {
    for (const name of ['7-1.00', '8-1.00.reply', '.9-1.00', 'nonsense', '-1', '9-x'])
      write(directory, `in/${name}`);
    assert.equal(directory.waiting(), { requests: ['7-1.00'], replies: ['8-1.00'] });
  }));

test('gives a request only to the first taker', () =>
  withDirectory((directory) => {
    write(directory, 'in/7-1.00', 'a request');
    assert.is(directory.read('7-1.00'), 'a request');
    assert.equal(
      [directory.take('7-1.00'), directory.take('7-1.00'), directory.read('7-1.00')],
      [true, false, undefined],
    );
  }));

test('writes answers as lines, and removes all answers to a request', () =>
  withDirectory((directory) => {
    directory.answer('7-1.00', 1, ['2 a warning', 'ask {}']);
    directory.answer('7-1.00', 2, ['exit 0']);
    assert.is(readFileSync(join(directory.root, 'out/7-1.00.1'), 'utf8'), '2 a warning\nask {}\n');
    directory.forget('7-1.00');
    assert.equal(readdirSync(join(directory.root, 'out')), []);
  }));

/** The number of times that the test makes the directory anew. */
const TIMES = SHARE === 'quick' ? 25 : 100;

test('makes the directory many times, and then removes it, while clients write into it', async () => {
  const home = temporaryDirectory();
  mkdirSync(join(home, 'var/riposte'), { recursive: true });
  const directory = new RequestDirectory(homeAt(home));
  const loop = 'i=0; while i=$((i + 1)); do true >"$1/in/$i" || true >"$1/out/$i"; done';
  const clients = [1, 2, 3].map(() => spawn('sh', ['-c', loop, 'sh', directory.root], { stdio: 'ignore' }));
  for (let times = 0; times < TIMES; times++) directory.create();
  directory.remove();
  assert.not(existsSync(directory.root));
  for (const client of clients) client.kill('SIGKILL');
});

test.run();

const shared = labSuite('request directories in memory', 'mount');
const NOBODY = 65534;
let mounts: Mounts;
let maker: string;

shared.before(async () => {
  maker = await childProgram('../daemon/request-directory-maker.ts');
});
shared.before.each(async () => {
  mounts = await Mounts.create();
  for (const place of ['/run', '/dev/shm'])
    await mounts.run('mount', '-t', 'tmpfs', '-o', 'mode=1777', 'tmpfs', place);
});
shared.after.each(() => mounts.remove());

/** Makes the request directory of a home. @returns the home, and the path of the directory */
async function make(home = temporaryDirectory()): Promise<[home: string, place: string]> {
  mkdirSync(join(home, 'var/riposte'), { recursive: true });
  const [program = '', ...args] = [...mounts.prefix, process.execPath, maker, home];
  return [home, (await execa(program, args)).stdout];
}

/** The name of a home's request directory within the directory in memory. */
const nameFor = (home: string) =>
  createHash('sha256').update(join(home, 'var/riposte/respond')).digest('hex').slice(0, 16);

shared('uses a directory in memory that this account owns', async () => {
  const [home, place] = await make();
  assert.is(place, `/run/riposte-respond/${nameFor(home)}`);
});

const HOSTILE: Record<string, (path: string) => void> = {
  'belongs to another account'(path) {
    mkdirSync(path);
    chownSync(path, NOBODY, NOBODY);
  },
  'is writable by every account'(path) {
    mkdirSync(path);
    chmodSync(path, 0o777);
  },
  'is a link to another directory'(path) {
    mkdirSync(`${path}-elsewhere`);
    symlinkSync(`${path.replace(/.*root/, '')}-elsewhere`, path);
  },
};

for (const [what, prepare] of Object.entries(HOSTILE)) {
  shared(`neither uses nor empties a directory in memory that ${what}`, async () => {
    const home = temporaryDirectory();
    const kept = ['/run', '/dev/shm'].map((place) => {
      const directory = mounts.path(`${place}/riposte-respond`);
      prepare(directory);
      const real = existsSync(`${directory}-elsewhere`) ? `${directory}-elsewhere` : directory;
      mkdirSync(join(real, nameFor(home)));
      writeFileSync(join(real, nameFor(home), 'kept'), '');
      return join(real, nameFor(home), 'kept');
    });
    const [, place] = await make(home);
    assert.is(place, join(home, 'var/riposte/respond'));
    assert.equal(kept.map(existsSync), [true, true]);
  });
}

shared.run();
