import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Scene, scene } from './scene.ts';

const test = suite<{ at: Scene; log: string }>('except', { at: undefined as unknown as Scene, log: '' });
test.before.each((context) => {
  context.at = scene();
  context.log = `${context.at.home.root}/access.log`;
  context.at.write('etc/riposte.conf', `LOGS=${context.log}\n`);
});

const hit = (source: string, target: string, { status = 404, agent = 'Mozilla/5.0', second = 0 } = {}) =>
  `${source} - - [20/Nov/2026:09:00:${String(second).padStart(2, '0')} +0000] "GET ${target} HTTP/1.1" ${status} 10 "-" "${agent}"`;
const burst = (source: string, directory: string) =>
  Array.from({ length: 16 }, (_, i) => hit(source, `${directory}page${i}`, { second: i }));

test('proposes path and rule for one request, and writes it with --yes', async ({ at, log }) => {
  const line = hit('203.0.113.9', '/app/.env');
  at.write('access.log', `${line}\n`);
  const { out, exitCode } = await at.run('except', line, '--yes');
  assert.is(exitCode, 0);
  assert.match(out, /answered: 2026-11-20T09:00:00Z {2}203\.0\.113\.9 {2}rule 117100/);
  assert.match(out, /\nexception: path:\/app\/\.env rule:117100\n/);
  assert.match(out, /in 1 log with 1 line, the exception lets 1 of 1 blocked sources through:/);
  assert.match(out, /riposte unblock 203\.0\.113\.9\n$/);
  assert.match(
    at.read('etc/riposte.except'),
    /^path:\/app\/\.env rule:117100 {2}# \d{4}-\d\d-\d\d for a line of 203\.0\.113\.9, 2026-11-20\n$/,
  );
  const again = await at.run('replay', log);
  assert.match(again.out, /\n0 addresses would have been blocked\n$/);
  assert.match((await at.run('except', line)).out, /^nothing answers this line\n$/);
});

test('proposes the narrowest directory that lets the source through, and names the other sources that it lets through', async ({
  at,
}) => {
  const mine = burst('203.0.113.9', '/shop/gallery/');
  const others = [...burst('203.0.113.10', '/shop/gallery/'), ...burst('203.0.113.11', '/shop/')];
  at.write('access.log', `${[...mine, ...others].join('\n')}\n`);
  const { out } = await at.run('except', mine.at(-1) ?? '');
  assert.match(out, /\nexception: path:\/shop\/gallery\/ rule:117103\n/);
  assert.match(
    out,
    /in 1 log with 48 lines, the exception lets 2 of 3 blocked sources through:\n.*203\.0\.113\.9 .*\n.*\n {4}\(the source of this line\)\n.*203\.0\.113\.10 /,
  );
  assert.match(out, /\nthe exception was not written; --yes writes it without asking\n$/);
  assert.is(at.read('etc/riposte.except'), '');
});

test('proposes agent and rule for a scanner’s name', async ({ at }) => {
  const line = hit('203.0.113.9', '/', { status: 200, agent: 'sqlmap/1.7 (ours)' });
  const { out } = await at.run('except', line, '--dry-run');
  assert.match(out, /\nexception: agent:"sqlmap\/1\.7 \(ours\)" rule:117100\n/);
  assert.match(out, /there are no logs for a comparison/);
  assert.match(out, /dry run: riposte except would write the exception to .*riposte\.except\n$/);
  assert.is(at.read('etc/riposte.except'), '');
});

test('says that no exception is enough when the source’s other requests suffice for a detection', async ({
  at,
}) => {
  const lines = Array.from({ length: 17 }, (_, i) =>
    hit('203.0.113.9', `/page${i}`, { second: i, agent: `Agent ${i}` }),
  );
  at.write('access.log', `${lines.join('\n')}\n`);
  const { out, exitCode } = await at.run('except', lines[3] ?? '', '--yes');
  assert.is(exitCode, 0);
  assert.match(
    out,
    /\nno exception for this request alone prevents the block; tried agent:"Agent 3" rule:117103/,
  );
  assert.is(at.read('etc/riposte.except'), '');
});

test('reads a line by the format of its log', async ({ at }) => {
  const json = (page: number) =>
    JSON.stringify({
      time: `2026-11-20T09:00:${String(page).padStart(2, '0')}+00:00`,
      ip: '203.0.113.9',
      req: `GET /old/p${page} HTTP/1.1`,
      code: 404,
    });
  const lines = Array.from({ length: 16 }, (_, i) => json(i));
  at.write('other.log', `${lines.join('\n')}\n`);
  at.write(
    'etc/riposte.conf',
    'LOG_FORMAT_own=nginx:{"time":"$time_iso8601","ip":"$remote_addr","req":"$request","code":$status}\n',
  );
  const { out, err } = await at.run('except', lines.at(-1) ?? '', '--log', `${at.home.root}/other.log=own`);
  assert.match(out, /\nexception: path:\/old\/ rule:117103\n/, err);
});

test('refuses a line without a known format, no line and two lines, and changes nothing', async ({ at }) => {
  const nonsense = await at.run('except', 'utter nonsense', '--yes');
  assert.is(nonsense.exitCode, 65);
  assert.match(nonsense.err, /the line is in none of the formats/);
  assert.is((await at.run('except')).exitCode, 64);
  assert.is((await at.run('except', 'a', 'b')).exitCode, 64);
  at.write('etc/riposte.except', 'path:x\n');
  const wrong = await at.run('except', hit('203.0.113.9', '/.env'), '--yes');
  assert.is(wrong.exitCode, 78);
  assert.match(wrong.err, /riposte\.except:1: path:x does not begin with \//);
  assert.is(at.read('etc/riposte.except'), 'path:x\n');
});

test.run();
