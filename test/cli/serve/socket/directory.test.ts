import { chmod, chown, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { EX, type ExitCode, RiposteError } from '../../../../active-response/errors.ts';
import { listenForReports, newCounters } from '../../../../cli/serve/report-socket.ts';
import { LIMITS } from '../../../../cli/serve/socket/limits.ts';
import { startReportServer } from '../../../lab/report-server.ts';
import { labSuite } from '../../../lab/suite.ts';
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

test('without a group, directory and socket are for us alone', async () => {
  const server = await listen();
  assert.equal([await modeOf(directory), await modeOf(socket)], ['700', '600']);
  await server.close();
});

test('closed again, it leaves an empty directory, and the next one can listen', async () => {
  await (await listen()).close();
  assert.equal(await readdir(directory), []);
  await (await listen()).close();
});

test('while one listens, a second is refused, and the first goes on', async () => {
  const server = await listen();
  await assertRefused(EX.TEMPFAIL, `another process listens at ${socket}`);
  assert.equal(await ask(socket, { verb: 'ping' }), { ok: true, pong: true });
  await server.close();
});

test('the socket of a server that was killed is taken over', async () => {
  const killed = await startReportServer(directory);
  killed.signal('SIGKILL');
  await killed.ended();
  assert.ok((await stat(socket)).isSocket());
  const server = await listen();
  assert.equal(await ask(socket, { verb: 'ping' }), { ok: true, pong: true });
  await server.close();
});

test('a server that is stopped is alive: it is not taken over', async () => {
  const stopped = await startReportServer(directory);
  stopped.signal('SIGSTOP');
  await assertRefused(EX.TEMPFAIL, 'another process listens');
  stopped.signal('SIGKILL');
  await stopped.ended();
});

test('a link in the place of the socket is not followed, and what it names stays', async () => {
  await mkdir(directory, { mode: 0o700 });
  await writeFile(join(root, 'precious'), 'x');
  await symlink(join(root, 'precious'), socket);
  await assertRefused(EX.CANTCREAT, `${socket} is no socket`);
  assert.equal((await readdir(root)).sort(), ['precious', 'run']);
  assert.equal(await readdir(directory), ['report.sock']);
});

test('a link in the place of the directory is not followed', async () => {
  await mkdir(join(root, 'elsewhere'), { mode: 0o700 });
  await symlink(join(root, 'elsewhere'), directory);
  await assertRefused(EX.CANTCREAT, `${directory} is no directory of ours alone`);
  assert.equal(await readdir(join(root, 'elsewhere')), []);
});

test('a directory that others can write to, or replace, is refused', async () => {
  await mkdir(directory);
  await chmod(directory, 0o777);
  await assertRefused(EX.CANTCREAT, 'is no directory of ours alone');
  await chmod(directory, 0o755);
  await chmod(root, 0o777);
  await assertRefused(EX.CANTCREAT, 'is where others can replace it');
});

test('a group that there is not is told, and nothing is made', async () => {
  await assertRefused(EX.CONFIG, "there is no group 'no-such-group'", 'no-such-group');
  assert.equal(await readdir(root), []);
});

test('a path that is too long for a socket is told, and nothing is made', async () => {
  directory = join(root, 'x'.repeat(100));
  await assertRefused(EX.CANTCREAT, 'has more than 103 bytes');
  assert.equal(await readdir(root), []);
});

test.run();

const asRoot = labSuite('who gets at the report socket', 'setpriv');
asRoot.before.each(makeRoot);
asRoot.after.each(removeRoot);

/** Connects as another user, and says what came of it. */
async function connectAs(user: string, group: string): Promise<string> {
  const script =
    'require("net").connect(process.argv[1],()=>{console.log("in");process.exit()}).on("error",e=>console.log(e.code))';
  const who = [`--reuid=${user}`, `--regid=${group}`, '--clear-groups'];
  return (await execa('setpriv', [...who, process.execPath, '-e', script, socket])).stdout;
}

asRoot('with a group, its members get in, and nobody else', async () => {
  const server = await listen('www-data');
  assert.equal([await modeOf(directory), await modeOf(socket)], ['750', '660']);
  assert.is(await connectAs('www-data', 'www-data'), 'in');
  assert.is(await connectAs('nobody', 'nogroup'), 'EACCES');
  await server.close();
});

asRoot('without one, not even those of the group that had it before', async () => {
  await (await listen('www-data')).close();
  const server = await listen();
  assert.is(await connectAs('www-data', 'www-data'), 'EACCES');
  await server.close();
});

asRoot("a directory of another user's is refused", async () => {
  await mkdir(directory, { mode: 0o755 });
  await chown(directory, 33, 33);
  await assertRefused(EX.CANTCREAT, 'is no directory of ours alone');
});

asRoot.run();
