// node --import …/kill-at.mjs PROGRAM: the process kills itself in place of its Nth call that changes a file, or
// that runs a program (KILL_AT=N); owner and mode of a file that has only a temporary name yet are no step. The
// built command is CommonJS, so it has its functions from this same object.
import childProcess from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const last = Number(process.env.KILL_AT);
let calls = 0;

const changes = {
  openSync: (_path, flags = 'r') => /[wa]/.test(flags),
  rmSync: (path) => fs.lstatSync(path, { throwIfNoEntry: false }) !== undefined,
};
for (const name of 'writeSync writeFileSync appendFileSync truncateSync copyFileSync linkSync symlinkSync renameSync unlinkSync mkdirSync rmdirSync chmodSync chownSync utimesSync futimesSync'.split(
  ' ',
))
  changes[name] = () => true;

for (const [name, counts] of Object.entries(changes)) wrap(fs, name, counts);
wrap(childProcess, 'spawnSync', () => true);
syncBuiltinESMExports();

function wrap(module, name, counts) {
  const original = module[name];
  module[name] = (...args) => {
    if (counts(...args) && ++calls === last) process.kill(process.pid, 'SIGKILL');
    return original(...args);
  };
}
