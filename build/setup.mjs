// Prepares `npm start`, `npm test` and `npm run bench`: Node packages, Debian packages, and the built scripts. Plain
// JavaScript, because nothing is installed yet when it runs.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 12))
  fail(`Riposte needs Node 20.12 or newer; this is ${process.version}`);

if (!isInstalled()) {
  console.log('Installing the Node packages (npm ci) …');
  installNodePackages();
}
// The script lists packages that it cannot install; the demo and each test decide what to do without them.
run('bash', ['build/debian-packages.sh'], 'the Debian packages could not be installed');
run(process.execPath, ['build/run-ts.mjs', 'build/build.ts'], 'the build failed');

/** Installs the Node packages. Retries, because a registry may fail for longer than npm itself retries. */
function installNodePackages() {
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  for (const pause of [10, 30]) {
    if (spawnSync('npm', args, { stdio: 'inherit' }).status === 0) return;
    console.log(`npm ci has failed (see above): again in ${pause} s`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pause * 1000);
  }
  run('npm', args, 'the Node packages could not be installed, in three attempts: is the registry in reach?');
}

/** True when node_modules is complete and newer than the lock file; npm writes the marker last. */
function isInstalled() {
  const marker = 'node_modules/.package-lock.json';
  if (!existsSync(marker)) return false;
  const installed = Object.keys(JSON.parse(readFileSync(marker, 'utf8')).packages);
  const missing = installed.filter((path) => !existsSync(path));
  return missing.length === 0 && statSync(marker).mtimeMs >= statSync('package-lock.json').mtimeMs;
}

function run(program, args, complaint) {
  const { status, error } = spawnSync(program, args, { stdio: 'inherit' });
  if (status !== 0) fail(`${complaint}${error ? `: ${error.message}` : ''}`);
}

function fail(message) {
  console.error(`setup: ${message}`);
  process.exit(1);
}
