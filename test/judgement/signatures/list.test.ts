import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compilePattern } from '../../../engine/pattern/pattern.ts';
import { signatureList } from '../../../judgement/signatures/list/index.ts';
import { SignatureMatcher } from '../../../judgement/signatures/matcher.ts';
import type { ReadSignature } from '../../../judgement/signatures/read-list.ts';
import { requestFor } from '../support.ts';
import { encoded, examplePath, examplesOf } from './examples.ts';
import { sampleText } from './sample-text.ts';

const list = signatureList();
const whole = new SignatureMatcher(list);

/** A matcher with a single line. */
const only = (read: ReadSignature) => new SignatureMatcher({ signatures: [read], exceptions: [] });

const RANKS = ['', 'probe', 'unmistakable'];

test('has at least 250 lines, and CVEs of each year from 2021 to 2026', () => {
  assert.ok(list.signatures.length >= 250);
  const references = list.signatures.map(({ signature }) => signature.reference).join(' ');
  for (const year of [2021, 2022, 2023, 2024, 2025, 2026]) assert.match(references, `CVE-${year}-`);
});

test('has no expression that takes more than quadratic time', () => {
  for (const { compiled, signature } of list.signatures)
    assert.ok(compilePattern('pcre2', compiled.source).degree <= 2, signature.pattern);
});

for (const read of list.signatures) {
  const { class: expected, kind, pattern } = read.signature;
  const { hostile, ordinary } = examplesOf(read);

  test(`matches a request made from '${kind} ${pattern}', and no request that is nearly the same`, () => {
    const matches = hostile.filter((request) => only(read).match(request) !== undefined);
    assert.ok(matches.length > 0, `none of ${hostile.map(({ target }) => target).join(' ')}`);
    for (const request of ordinary)
      assert.is(only(read).match(request), undefined, `${request.target} ${request.userAgent}`);
    const found = matches.map((request) => RANKS.indexOf(whole.match(request)?.class ?? ''));
    assert.ok(Math.max(...found) >= RANKS.indexOf(expected), 'the whole list gives a weaker class');
  });
}

for (const read of list.signatures.filter(({ signature }) => signature.kind === 'path')) {
  const path = examplePath(read);

  test(`finds nothing in an article or a search about '${read.signature.pattern}'`, () => {
    const slug = path.replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '');
    for (const article of [
      `/blog/2026/${slug}-explained/`,
      `/${slug}-explained/`,
      `/tag/${slug}/`,
      `/blog/${slug}/`,
    ])
      assert.is(whole.match(requestFor(article, { status: '200' })), undefined, article);
    const inSearch = whole.match(requestFor(`/search?q=${encoded(path)}`, { status: '200' }));
    assert.ok(inSearch === undefined || (inSearch.isInSearch && inSearch.class === 'probe'));
  });
}

for (const { signature } of list.signatures.filter(({ signature }) => signature.kind === 'payload')) {
  test(`finds at most a probe in a search for '${signature.pattern}'`, () => {
    const found = whole.match(
      requestFor(`/?s=${encoded(sampleText(signature.pattern)).replaceAll('&', '%26')}`),
    );
    assert.is.not(found?.class === 'unmistakable' && found.signature.kind === 'payload', true);
  });
}

test.run();
