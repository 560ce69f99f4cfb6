import { existsSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { anchorsOf, linksOf, readPages } from './pages.ts';

const pages = await readPages();
const pageAt = (path: string) => pages.find((page) => page.path === path);

for (const page of pages) {
  test(`links only to existing files and headings in ${page.path}`, () => {
    for (const { target, path, anchor } of linksOf(page)) {
      assert.ok(existsSync(path), `${target}: there is no ${path}`);
      if (anchor === undefined) continue;
      const there = pageAt(path);
      assert.ok(
        there && anchorsOf(there).includes(anchor),
        `${target}: no heading of ${path} makes #${anchor}`,
      );
    }
  });
}

test('begins no heading with Who, What, Which or How, except a question', () => {
  for (const { path, text } of pages)
    assert.not.match(text, /^#{1,6} (?:Who|Whom|What|Which|How)\b.*[^?]$/m, path);
});

test('reaches every page from README', () => {
  const reached = new Set(['README.md']);
  // The loop also visits the pages that it adds: each reached page adds the pages to which it links.
  for (const path of reached) for (const link of linksIn(path)) reached.add(link);
  assert.equal(
    pages.map(({ path }) => path).filter((path) => !reached.has(path)),
    [],
  );
});

function linksIn(path: string): string[] {
  const page = pageAt(path);
  return page === undefined ? [] : linksOf(page).map((link) => link.path);
}

test('finds a link to a missing file or heading', () => {
  const prose =
    '[a](no-such.md), [b](README.md#no-such), ![c](docs/report.png), [d](https://example.org/x.md)';
  const links = linksOf({ path: 'docs/x.md', text: prose, prose });
  assert.equal(
    links.map(({ path }) => path),
    ['docs/no-such.md', 'docs/README.md', 'docs/docs/report.png'],
  );
  assert.is(links[1]?.anchor, 'no-such');
});

test('makes an anchor as GitHub does', () => {
  const text = '# When `riposte.conf` is wrong\n```sh\n# no heading\n```\n## Block, unblock';
  assert.equal(anchorsOf({ path: 'x.md', text, prose: text }), [
    'when-riposteconf-is-wrong',
    'block-unblock',
  ]);
});

test.run();
