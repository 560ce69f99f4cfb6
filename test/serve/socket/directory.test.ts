import { chmod, chown, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { EX, type ExitCode, RiposteError } from '../../../base/errors.ts';
import { listenForReports } from '../../../serve/report-socket.ts';
import { LIMITS } from '../../../serve/socket/limits.ts';
import { newCounters } from '../../../serve/socket/listen-options.ts';
import { startReportServer } from '../../lab/report-server.ts';
import { labSuite } from '../../lab/suite.ts';
import { ask } from '../socket-client.ts';

const test = suite('the directory of the report socket');
let root: string;
let directory: string;
let socket: string;

async function makeRoot(): Promise<void> {
  root = await mkdtemp(join(tmpdir(), 'riposte-socket-'));
  await chmod(root, 0o755);
  directory = join(root, 'run');
  socket = join(directory, 'report.sock');
}
const removeRoot = () => rm(root, { recursive: true });
test.before.each(makeRoot);
test.after.each(removeRoot);

const listen = (group?: string | number) =>
  listenForReports({
    directory,
    group,
    limits: LIMITS,
    counters: newCounters(),
    onReport: () => 'accepted',
  });

async function assertRefused(exitCode: ExitCode, pattern: RegExp | string, group?: string): Promise<void> {
  const error: unknown = await listen(group).then(
    (server) => server.close(),
    (why) => why,
  );
  assert.instance(error, RiposteError);
  assert.match((error as RiposteError).message, pattern);
  assert.is((error as RiposteError).exitCode, exitCode);
}

const modeOf = async (path: string) => ((await stat(path)).mode & 0o7777).toString(8);

test('makes directory and socket private when there is no group', async () => {
  const server = await listen();
  assert.equal([await modeOf(directory), await modeOf(socket)], ['700', '600']);
  await server.close();
});

test('leaves an empty directory when closed, so that the next server can listen', async () => {
  await (await listen()).close();
  assert.equal(await readdir(directory), []);
  await (await listen()).close();
});

test('refuses a second server while the first listens', async () => {
  const server = await listen();
  await assertRefused(EX.TEMPFAIL, `another process listens at ${socket}`);
  assert.equal(await ask(socket, { verb: 'ping' }), { ok: true, pong: true });
  await server.close();
});

test('takes over the socket of a killed server', async () => {
  const killed = await startReportServer(directory);
  killed.signal('SIGKILL');
  await killed.ended();
  assert.ok((await stat(socket)).isSocket());
  const server = await listen();
  assert.equal(await ask(socket, { verb: 'ping' }), { ok: true, pong: true });
  await server.close();
});

test('does not take over the socket of a stopped server', async () => {
  const stopped = await startReportServer(directory);
  stopped.signal('SIGSTOP');
  await assertRefused(EX.TEMPFAIL, 'another process listens');
  stopped.signal('SIGKILL');
  await stopped.ended();
});

test('refuses a link at the socket’s path, and keeps its target', async () => {
  await mkdir(directory, { mode: 0o700 });
  await writeFile(join(root, 'precious'), 'x');
  await symlink(join(root, 'precious'), socket);
  await assertRefused(EX.CANTCREAT, `${socket} is not a socket`);
  assert.equal((await readdir(root)).sort(), ['precious', 'run']);
  assert.equal(await readdir(directory), ['report.sock']);
});

test('refuses a link at the directory’s path', async () => {
  await mkdir(join(root, 'elsewhere'), { mode: 0o700 });
  await symlink(join(root, 'elsewhere'), directory);
  await assertRefused(EX.CANTCREAT, `${directory} is not a directory that only this account can change`);
  assert.equal(await readdir(join(root, 'elsewhere')), []);
});

test('refuses a directory that other users can write to or replace', async () => {
  await mkdir(directory);
  await chmod(directory, 0o777);
  await assertRefused(EX.CANTCREAT, 'is not a directory that only this account can change');
  await chmod(directory, 0o755);
  await chmod(root, 0o777);
  await assertRefused(EX.CANTCREAT, 'is in a directory where other accounts can replace it');
});

test('reports an unknown group, and creates no directory', async () => {
  await assertRefused(EX.CONFIG, "there is no group 'no-such-group'", 'no-such-group');
  assert.equal(await readdir(root), []);
});

test('reports a path that is too long for a socket, and creates no directory', async () => {
  directory = join(root, 'x'.repeat(100));
  await assertRefused(EX.CANTCREAT, 'has more than 103 bytes');
  assert.equal(await readdir(root), []);
});

test.run();

const asRoot = labSuite('access to the report socket', 'setpriv');
asRoot.before.each(makeRoot);
asRoot.after.each(removeRoot);

/** Connects as another user. @returns `in`, or the code of the error */
async function connectAs(user: string, group: string): Promise<string> {
  const script =
    'require("net").connect(process.argv[1],()=>{console.log("in");process.exit()}).on("error",e=>console.log(e.code))';
  const options = [`--reuid=${user}`, `--regid=${group}`, '--clear-groups'];
  return (await execa('setpriv', [...options, process.execPath, '-e', script, socket])).stdout;
}

asRoot('lets only members of the group connect', async () => {
  const server = await listen('www-data');
  assert.equal([await modeOf(directory), await modeOf(socket)], ['750', '660']);
  assert.is(await connectAs('www-data', 'www-data'), 'in');
  assert.is(await connectAs('nobody', 'nogroup'), 'EACCES');
  await server.close();
});

asRoot('refuses members of a former group when no group is set', async () => {
  await (await listen('www-data')).close();
  const server = await listen();
  assert.is(await connectAs('www-data', 'www-data'), 'EACCES');
  await server.close();
});

asRoot('refuses a directory of another user', async () => {
  await mkdir(directory, { mode: 0o755 });
  await chown(directory, 33, 33);
  await assertRefused(EX.CANTCREAT, 'is not a directory that only this account can change');
});

asRoot.run();
