// node --import …/kill-at.mjs PROGRAM: counts the calls of PROGRAM that change a file or run a program. These calls are
// the steps. Calls of fchmod and fchown are not steps, because they change only files that still have a temporary name.
// KILL_AT=N: the process kills itself before its Nth step.
// COPY_AT=N,…: before each of these steps, it copies TREE to TREE-N, in the state that a kill there would leave.
// WATCH=DIR: it writes to STEPS_TO a list of the steps before which DIR has changed. A kill before any other step would
// leave the same files: for example, rmSync calls unlinkSync, and a check changes nothing.
// The built command is CommonJS, so it calls the functions of the object that this file changes.
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

/** Lists the files, each with the metadata that shows a change to it. */
function stateOf(directory) {
  const paths = readdirSync(directory, { recursive: true }).filter((path) => !path.endsWith('checks.log'));
  return paths
    .sort()
    .map((path) => {
      const { ino, mode, uid, gid, nlink, size, mtimeNs, ctimeNs } = lstatSync(join(directory, path), {
        bigint: true,
      });
      const isDirectory = (mode & 0o170000n) === 0o040000n; // a directory's times change with its files
      return [path, mode, uid, gid, ...(isDirectory ? [] : [ino, nlink, size, mtimeNs, ctimeNs])].join(' ');
    })
    .join('\n');
}
