import { linkSync, mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { EX } from '../../../base/errors.ts';
import { MOST_MATCHES } from '../../../logs/sources/expand.ts';
import { findLogs, requireLogs, requireMatches } from '../../../logs/sources/find-logs.ts';
import { parseLogSource } from '../../../logs/sources/log-source.ts';
import { PatternWatch } from '../../../logs/sources/pattern-watch.ts';
import { refuses, temporaryDirectory } from '../../active-response/support.ts';

const test = suite('find-logs');
let directory = '';
let now = 0;

test.before.each(() => {
  directory = temporaryDirectory();
  now = 0;
});

const at = (name: string) => join(directory, name);

function write(...names: string[]): void {
  for (const name of names) {
    mkdirSync(at(name.slice(0, Math.max(0, name.lastIndexOf('/')))), { recursive: true });
    writeFileSync(at(name), `${name}\n`);
  }
}

/** Parses texts as sources. Their paths begin in the test's directory. */
const sources = (texts: readonly string[]) =>
  texts.map((text) => parseLogSource(text.startsWith('journal:') ? text : at(text)));

const find = (...texts: string[]) => findLogs(sources(texts));

/** The names of the found logs, relative to the directory. */
const names = (...texts: string[]) =>
  find(...texts).logs.map(({ name }) => name.replace(`${directory}/`, ''));

test('finds the files that a pattern matches, sorted by name, without rotated forms, directories and pipes', async () => {
  write('b.log', 'a.log', 'a.log.1', 'a.log.2.gz', 'a.log-20261120', 'a-2026-11-20.log', '.c.log', 'd.txt');
  mkdirSync(at('directory.log'));
  await execa('mkfifo', [at('pipe.log')]);
  symlinkSync('/dev/null', at('device.log'));
  symlinkSync('nowhere', at('dangling.log'));
  symlinkSync('circle.log', at('circle.log'));
  assert.equal(names('*.log'), ['a.log', 'b.log']);
  assert.equal(names('*'), ['a.log', 'b.log', 'd.txt']);
  assert.equal(names('?.log'), ['a.log', 'b.log']);
});

test('matches wildcards in the names of directories', () => {
  write('one/logs/access.log', 'two/logs/access.log', 'two/logs/error.log', 'three/access.log', 'file');
  assert.equal(names('*/logs/access.log'), ['one/logs/access.log', 'two/logs/access.log']);
  assert.equal(names('t*/logs/*.log'), ['two/logs/access.log', 'two/logs/error.log']);
});

test('finds the log of each container', () => {
  write('containers/0a1b/0a1b-json.log', 'containers/0a1b/0a1b-json.log.1', 'containers/0a1b/config.json');
  write('containers/2c3d/2c3d-json.log', 'containers/2c3d/2c3d-json.log.2.gz');
  assert.equal(names('containers/*/*-json.log'), [
    'containers/0a1b/0a1b-json.log',
    'containers/2c3d/2c3d-json.log',
  ]);
});

test('follows a link, and finds a file with several names once, under its real name if the real name matches', () => {
  write('elsewhere/site', 'z.log');
  symlinkSync('elsewhere/site', at('site.log'));
  symlinkSync('elsewhere/site', at('site2.log'));
  symlinkSync('z.log', at('a.log'));
  assert.equal(names('*.log'), ['site.log', 'z.log']);
  assert.equal(names('a.log', '*.log'), ['a.log', 'site.log']);
  assert.equal(names('elsewhere/*', 'site.log'), ['elsewhere/site']);
});

test('finds a log once when several sources name it', () => {
  write('a.log', 'b.log');
  assert.equal(names('a.log', 'b.log', 'a.log', '*.log'), ['a.log', 'b.log']);
  assert.equal(names('journal:nginx', 'journal:nginx.service', 'none.log', 'none.log'), [
    'journal:nginx.service',
    'none.log',
  ]);
});

test('prefers a source that names a format to a source without a format', () => {
  write('a.log', 'shop.log');
  const formats = (...texts: string[]) => find(...texts).logs.map(({ format }) => format);
  assert.equal(formats('*.log', 'shop.log=shop'), [undefined, 'shop']);
  assert.equal(formats('shop.log=shop', '*.log'), ['shop', undefined]);
  assert.equal(formats('shop.log=shop', '*.log=shop'), ['shop', 'shop']);
  assert.equal(formats('journal:a=combined', 'journal:a'), ['journald:combined']);
});

test('refuses a log with two formats, and names the log and both formats', () => {
  write('a.log');
  symlinkSync('a.log', at('link'));
  for (const texts of [
    ['a.log=x', 'a.log=y'],
    ['*.log=x', 'a.log=y'],
    ['a.log=x', '*=y'],
  ])
    refuses(
      () => find(...texts),
      EX.CONFIG,
      new RegExp(`^${directory}/a\\.log has two formats, x and y: remove one of them$`),
    );
  refuses(
    () => find('a.log=x', 'link=y'),
    EX.CONFIG,
    new RegExp(`^${directory}/a\\.log \\(also ${directory}/link\\) has two formats, x and y`),
  );
  refuses(
    () => find('journal:a=x', 'journal:a=y'),
    EX.CONFIG,
    /^journal:a\.service has two formats, journald:x and/,
  );
});

test('names the patterns that match nothing, and refuses when there is no log at all', () => {
  write('a.log');
  const found = find('nowhere/*.log', 'a.log', '*.txt');
  assert.equal(found.unmatched, [at('nowhere/*.log'), at('*.txt')]);
  requireLogs(found);
  refuses(
    () => requireMatches(found),
    EX.CONFIG,
    /^no file matches \/.*\/nowhere\/\*\.log, \/.*\/\*\.txt; name a log that exists$/,
  );
  refuses(
    () => requireLogs(find('*.txt')),
    EX.CONFIG,
    /^no file matches \/.*\/\*\.txt; name a log that exists$/,
  );
  requireMatches(find('a.log', 'none.log', 'journal:a'));
});

const asRoot = process.geteuid?.() === 0 ? test : test.skip;

asRoot('reports a directory that the user may not read', async () => {
  write('secret/a.log');
  const code = `
    import { expandPattern } from './logs/sources/expand.ts';
    process.setuid(65534);
    console.log(JSON.stringify(expandPattern(process.argv[2])));`;
  await execa('chmod', ['755', directory]);
  await execa('chmod', ['700', at('secret')]);
  const script = join(directory, 'child.ts');
  writeFileSync(script, code.replace('./logs', `${process.cwd()}/logs`));
  const { stdout } = await execa('node', ['build/run-ts.mjs', script, at('secret/*.log')]);
  assert.equal(JSON.parse(stdout), { files: [], denied: [at('secret')], hasMore: false });
});

const TOO_MANY =
  /^\/.*\* matches more than 2000 logs: Riposte reads only the 2000 that were written last; use narrower patterns$/;

test('keeps the logs that were written last when a pattern matches too many logs, and counts no rotated forms', () => {
  for (let i = 0; i < MOST_MATCHES; i++) writeFileSync(at(`${i}.log`), '');
  for (let i = 0; i < 500; i++) writeFileSync(at(`0.log.${i}`), '');
  assert.is(find('*').logs.length, MOST_MATCHES);
  assert.equal(find('*').problems, []);
  writeFileSync(at('more.log'), '');
  utimesSync(at('7.log'), 1000, 1000);
  const { logs, problems, hasMore } = find('*');
  assert.is(logs.length, MOST_MATCHES);
  assert.ok(hasMore);
  assert.not(logs.some(({ name }) => name === at('7.log')));
  assert.ok(logs.some(({ name }) => name === at('more.log')));
  assert.is(problems.length, 1);
  assert.match(problems[0] ?? '', TOO_MANY);
});

test('finds logs when the matching directories exceed the limit of logs', () => {
  for (let i = 0; i <= MOST_MATCHES; i++) mkdirSync(at(`${i}`));
  write('1/a.log', '2/a.log');
  assert.equal(names('*/a.log'), ['1/a.log', '2/a.log']);
});

/** Starts to watch the logs of these sources. @returns a function that looks for changes after some milliseconds */
function watch(...texts: string[]) {
  const all = sources(texts);
  const patterns = new PatternWatch(all, findLogs(all).logs, () => now);
  return (after = 5000) => {
    now += after;
    const { added, gone, problems } = patterns.look();
    const short = (logs: readonly { name: string }[]) =>
      logs.map(({ name }) => name.replace(`${directory}/`, ''));
    return { added: short(added), gone: short(gone), problems };
  };
}

const NOTHING = { added: [], gone: [], problems: [] };

test('reports a new log once', () => {
  write('a.log');
  const look = watch('*.log');
  assert.equal(look(), NOTHING);
  write('b.log', 'c.log', 'a.log.1');
  assert.equal(look(4999 - 5000 + 1), NOTHING);
  assert.equal(look(), { ...NOTHING, added: ['b.log', 'c.log'] });
  assert.equal(look(), NOTHING);
});

test('reads directories at most every five seconds', () => {
  const look = watch('*.log');
  assert.equal(look(), NOTHING);
  write('b.log');
  assert.equal(look(4900), NOTHING);
  assert.equal(look(100), { ...NOTHING, added: ['b.log'] });
});

test('does not report a rotated log as new', () => {
  write('a.log');
  const look = watch('*.log', '*.old');
  renameSync(at('a.log'), at('a.log.1'));
  assert.equal(look(), NOTHING);
  write('a.log');
  assert.equal(look(), NOTHING);
  renameSync(at('a.log'), at('a.old'));
  assert.equal(look(), NOTHING);
  write('a.log');
  assert.equal(look(), NOTHING);
  assert.equal(look(), NOTHING);
  rmSync(at('a.old'));
  assert.equal(look(), NOTHING);
  write('a.old');
  assert.equal(look(), { ...NOTHING, added: ['a.old'] });
});

test('does not report a second name of a log', () => {
  write('elsewhere/site');
  symlinkSync('elsewhere/site', at('b.log'));
  const look = watch('*.log');
  symlinkSync('elsewhere/site', at('a.log'));
  assert.equal(look(), NOTHING);
  assert.equal(look(), NOTHING);
});

test('reports a log that has been gone for ten minutes, and reports it as new when it returns', () => {
  write('a.log', 'b.log', 'named.log');
  const look = watch('?.log', 'named.log');
  rmSync(at('b.log'));
  rmSync(at('named.log'));
  assert.equal(look(9 * 60_000), NOTHING);
  assert.equal(look(60_000), { ...NOTHING, gone: ['b.log'] });
  assert.equal(look(), NOTHING);
  write('b.log');
  assert.equal(look(), { ...NOTHING, added: ['b.log'] });
});

test('reports a new log that has the inode of a log that was deleted before', () => {
  write('a.log', 'named.log');
  const look = watch('*.log');
  // A file system may use an inode again. The test links the file outside the pattern and renames it to a new log.
  linkSync(at('named.log'), at('kept'));
  rmSync(at('named.log'));
  assert.equal(look(), NOTHING);
  renameSync(at('kept'), at('b.log'));
  assert.equal(look(), { ...NOTHING, added: ['b.log'] });
});

test('reports a new log with two formats, and continues', () => {
  write('b.log');
  const look = watch('*.log=x', 'a*=y');
  write('a.log');
  const conflict = `${at('a.log')} has two formats, x and y: remove one of them`;
  assert.equal(look(), { added: ['a.log'], gone: [], problems: [conflict] });
  assert.equal(look(1), { ...NOTHING, problems: [conflict] });
  write('c.log');
  assert.equal(look(), { added: ['c.log'], gone: [], problems: [conflict] });
});

test('limits the number of logs, and replaces a log that has long been quiet with a new log', () => {
  for (let i = 0; i < MOST_MATCHES; i++) writeFileSync(at(`${i}.log`), '');
  const look = watch('*');
  writeFileSync(at('new.log'), '');
  utimesSync(at('7.log'), 1000, 1000);
  const { problems, ...changes } = look();
  assert.equal(changes, { added: [], gone: [] });
  assert.match(problems.join(), TOO_MANY);
  assert.equal(look(10 * 60_000).gone, ['7.log']);
  assert.equal(look().added, ['new.log']);
});

test('reads nothing without patterns', () => {
  const look = watch('a.log', 'journal:x');
  write('a.log');
  assert.equal(look(), NOTHING);
});

test.run();
