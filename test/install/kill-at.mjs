// node --import …/kill-at.mjs PROGRAM: the process kills itself instead of its Nth call that changes a file or runs a
// program (KILL_AT=N); a change of owner or mode of a file with a temporary name is not a step. Before each step of
// COPY_AT=N,… it copies TREE, in the state that a kill there would leave, to TREE-N. With WATCH=DIR it survives, and
// writes to STEPS_TO those N before which the content of DIR has changed: between the others the file system is the
// same, as rmSync calls unlinkSync, and a check changes nothing. The built command is CommonJS, so it uses the
// functions of this same object.
import childProcess from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';

const { KILL_AT, TREE, COPY_AT = '', WATCH, STEPS_TO } = process.env;
const last = Number(KILL_AT);
const copied = new Set(COPY_AT.split(',').map(Number));
const { spawnSync } = childProcess;
const { readdirSync, lstatSync, writeFileSync } = fs;
const steps = [];
let calls = 0;
let state = '';

const changes = {
  openSync: (_path, flags = 'r') => /[wa]/.test(flags),
  rmSync: (path) => lstatSync(path, { throwIfNoEntry: false }) !== undefined,
};
for (const name of 'writeSync writeFileSync appendFileSync truncateSync copyFileSync linkSync symlinkSync renameSync unlinkSync mkdirSync rmdirSync chmodSync chownSync utimesSync futimesSync'.split(
  ' ',
))
  changes[name] = () => true;

for (const [name, counts] of Object.entries(changes)) wrap(fs, name, counts);
wrap(childProcess, 'spawnSync', () => true);
syncBuiltinESMExports();
if (WATCH) process.on('exit', () => writeFileSync(STEPS_TO, JSON.stringify(steps)));

function wrap(module, name, counts) {
  const original = module[name];
  module[name] = (...args) => {
    if (counts(...args)) step();
    return original(...args);
  };
}

function step() {
  if (++calls === last) process.kill(process.pid, 'SIGKILL');
  if (copied.has(calls)) spawnSync('cp', ['--archive', TREE, `${TREE}-${calls}`]);
  if (!WATCH) return;
  const now = stateOf(WATCH);
  if (now !== state) steps.push(calls);
  state = now;
}

/** Lists the files, and their inodes with everything that shows a change to them. */
function stateOf(directory) {
  const paths = readdirSync(directory, { recursive: true }).filter((path) => !path.endsWith('checks.log'));
  return paths
    .sort()
    .map((path) => {
      const { ino, mode, uid, gid, nlink, size, mtimeNs, ctimeNs } = lstatSync(join(directory, path), {
        bigint: true,
      });
      const isDirectory = (mode & 0o170000n) === 0o040000n; // its times change with its files
      return [path, mode, uid, gid, ...(isDirectory ? [] : [ino, nlink, size, mtimeNs, ctimeNs])].join(' ');
    })
    .join('\n');
}
