import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Folders } from '../../../judgement/sources/folders.ts';

const test = suite('folders of a search for a product');
const START = 1_800_000_000;

/** The number of further probes after these requests, which come every `step` seconds. */
const more = (requests: readonly (readonly [target: string, status: string])[], step = 11): number => {
  const folders = new Folders();
  for (const [i, [target, status]] of requests.entries()) folders.add(target, status, START + i * step);
  return folders.more;
};
const missing = (...targets: string[]) => targets.map((target) => [target, '404'] as const);

test('counts three folders as one further probe, and four as two', () => {
  assert.is(more(missing('/a/x.php', '/b/x.php')), 0);
  assert.is(more(missing('/a/x.php', '/b/x.php', '/c/x.php')), 1);
  assert.is(more(missing('/a/x.php', '/b/x.php', '/c/x.php', '/x.php')), 2);
});

test('counts three folders within 20 seconds as two further probes, even after a slower request', () => {
  assert.is(more(missing('/a/x.php', '/b/x.php', '/c/x.php'), 10), 2);
  const folders = new Folders();
  folders.add('/a/x.php', '404', START);
  folders.add('/b/x.php', '404', START + 60);
  folders.add('/c/x.php', '404', START + 70);
  assert.is(folders.more, 1);
  folders.add('/d/x.php', '404', START + 80);
  assert.is(folders.more, 2);
});

test('counts a folder only once, and as missing when a 404 follows its redirect', () => {
  assert.is(more(missing('/a/x.php', '/A/y.php', '//a/z.php', '/a/')), 0);
  const both = ['/a/x', '/b/x', '/c/x'].flatMap((target) => [
    [target, '301'] as const,
    [target, '404'] as const,
  ]);
  assert.is(more(both), 1);
  const reversed = ['/a/x', '/b/x'].flatMap((target) => [[target, '404'] as const, [target, '301'] as const]);
  assert.is(more(reversed), 0);
});

test('counts the folders below a database’s folder, and the folders of an absolute URL’s host', () => {
  assert.is(more(missing('/mysql/admin/x.php', '/mysql/db/x.php', '/mysql/sql/x.php')), 1);
  assert.is(more(missing('/mysql/a.php', '/mysql/b.php', '/mysql/c.php')), 0);
  assert.is(
    more(missing('http://www.example.net/a/1', 'http://www.example.net/b/', 'http://www.example.net/c')),
    1,
  );
});

test('for a known client, counts the files of the root as one folder, and quick requests like slow requests', () => {
  const targets = ['/a.cgi', '/b.cgi', '/c.cgi', '/d.cgi'];
  const added = (each: readonly string[], isKnownClient: boolean) => {
    const folders = new Folders();
    for (const target of each) folders.add(target, '404', START, isKnownClient);
    return folders.more;
  };
  assert.is(added(targets, true), 0);
  assert.is(added(targets, false), 2);
  assert.is(added(['/a/x.php', '/b/x.php', '/c/x.php'], true), 1);
  assert.is(added(['/a/x.php', '/b/x.php', '/c/x.php', '/d/x.php'], true), 2);
});

test('does not treat 304 as a redirect', () => {
  const twelve = Array.from({ length: 12 }, (_, i) => [`/${i}/x.php`, '304'] as const);
  assert.is(more(twelve, 1), 0);
});

test('does not count the files of pages', () => {
  assert.is(more(missing('/a/x.css', '/b/x.js', '/c/x.png', '/d/x.woff2')), 0);
});

test.run();
