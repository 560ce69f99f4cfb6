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
import { homeAt } from '../../../active-response/home.ts';
import { Box } from '../../../cli/resident/box.ts';
import { childProgram, temporaryDirectory } from '../../active-response/support.ts';
import { Mounts } from '../../lab/mounts.ts';
import { labSuite } from '../../lab/suite.ts';

/** A box that is made anew, and removed when the work is done. */
function withBox(work: (box: Box) => void): void {
  const home = temporaryDirectory();
  mkdirSync(join(home, 'var/riposte'), { recursive: true });
  const box = new Box(homeAt(home));
  box.create();
  try {
    work(box);
  } finally {
    box.remove();
  }
}

const mode = (path: string) => (lstatSync(path).mode & 0o777).toString(8);
/** A file of the box, as a script would lay it there. */
const lay = (box: Box, file: string, text = 'text') => writeFileSync(join(box.root, file), text);

test('only its owner enters it, and nothing is left of the one before', () =>
  withBox((box) => {
    lay(box, 'in/7-1.00');
    lay(box, 'out/7-1.00.1');
    box.create();
    assert.is(mode(realpathSync(box.root)), '700');
    assert.equal(box.waiting(), { requests: [], replies: [] });
    assert.equal(readdirSync(join(box.root, 'out')), []);
    assert.is(mode(box.bell), '600');
    box.remove();
    assert.not(existsSync(box.root));
  }));

test('nobody is asked before it is open, nor when it is shut', () =>
  withBox((box) => {
    const file = join(box.root, 'pid');
    assert.not(existsSync(file));
    box.open(21, 900);
    assert.is(readFileSync(file, 'utf8'), `${process.pid} 21 900\n`);
    box.shut();
    assert.not(existsSync(file));
  }));

test('requests and replies are told apart, and what is taken back or of another name is neither', () =>
  withBox((box) => {
    for (const name of ['7-1.00', '8-1.00.reply', '.9-1.00', 'nonsense', '-1', '9-x']) lay(box, `in/${name}`);
    assert.equal(box.waiting(), { requests: ['7-1.00'], replies: ['8-1.00'] });
  }));

test('a request is taken once', () =>
  withBox((box) => {
    lay(box, 'in/7-1.00', 'a request');
    assert.is(box.read('7-1.00'), 'a request');
    assert.equal([box.take('7-1.00'), box.take('7-1.00'), box.read('7-1.00')], [true, false, undefined]);
  }));

test('an answer is lines in a file, and is forgotten with all that belongs to it', () =>
  withBox((box) => {
    box.answer('7-1.00', 1, ['2 a warning', 'ask {}']);
    box.answer('7-1.00', 2, ['exit 0']);
    assert.is(readFileSync(join(box.root, 'out/7-1.00.1'), 'utf8'), '2 a warning\nask {}\n');
    box.forget('7-1.00');
    assert.equal(readdirSync(join(box.root, 'out')), []);
  }));

test('it is made anew and removed while scripts go on to lay what they ask there', async () => {
  const home = temporaryDirectory();
  mkdirSync(join(home, 'var/riposte'), { recursive: true });
  const box = new Box(homeAt(home));
  const lays = 'i=0; while i=$((i + 1)); do true >"$1/in/$i" || true >"$1/out/$i"; done';
  const scripts = [1, 2, 3].map(() => spawn('sh', ['-c', lays, 'sh', box.root], { stdio: 'ignore' }));
  for (let times = 0; times < 100; times++) box.create();
  box.remove();
  assert.not(existsSync(box.root));
  for (const script of scripts) script.kill('SIGKILL');
});

test.run();

const shared = labSuite('directories in memory that another account may have made before', 'mount');
const NOBODY = 65534;
let mounts: Mounts;
let maker: string;

shared.before(async () => {
  maker = await childProgram('../cli/resident/box-maker.ts');
});
shared.before.each(async () => {
  mounts = await Mounts.create();
  for (const place of ['/run', '/dev/shm'])
    await mounts.run('mount', '-t', 'tmpfs', '-o', 'mode=1777', 'tmpfs', place);
});
shared.after.each(() => mounts.remove());

/** Makes a box in a home of its own. @returns the home, and where the box lies */
async function make(home = temporaryDirectory()): Promise<[home: string, place: string]> {
  mkdirSync(join(home, 'var/riposte'), { recursive: true });
  const [program = '', ...args] = [...mounts.prefix, process.execPath, maker, home];
  return [home, (await execa(program, args)).stdout];
}

/** Where the box of a home would lie in such a directory. */
const nameFor = (home: string) =>
  createHash('sha256').update(join(home, 'var/riposte/respond')).digest('hex').slice(0, 16);

shared('one that is ours is used', async () => {
  const [home, place] = await make();
  assert.is(place, `/run/riposte-respond/${nameFor(home)}`);
});

const HOSTILE: Record<string, (path: string) => void> = {
  'another’s'(path) {
    mkdirSync(path);
    chownSync(path, NOBODY, NOBODY);
  },
  'for everybody to write'(path) {
    mkdirSync(path);
    chmodSync(path, 0o777);
  },
  'a link to another place'(path) {
    mkdirSync(`${path}-elsewhere`);
    symlinkSync(`${path.replace(/.*root/, '')}-elsewhere`, path);
  },
};

for (const [what, lay] of Object.entries(HOSTILE)) {
  shared(`one that is ${what} is neither used nor emptied`, async () => {
    const home = temporaryDirectory();
    const kept = ['/run', '/dev/shm'].map((place) => {
      const directory = mounts.path(`${place}/riposte-respond`);
      lay(directory);
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
