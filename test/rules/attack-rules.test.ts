import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../engine/engine.ts';
import { builtInSources } from '../../engine/ruleset/built-in.ts';
import { loadRuleset } from '../../engine/ruleset/ruleset.ts';
import { signatureList } from '../../judgement/signatures/list/index.ts';
import { type JudgedRequest, SignatureMatcher } from '../../judgement/signatures/matcher.ts';
import { encoded, examplePath, examplesOf } from '../judgement/signatures/examples.ts';
import { requestFor } from '../judgement/support.ts';

/* The managers' rules are made from the list of attacks: each entry must raise the same alert as in riposte serve. */

const list = signatureList();
const engine = new Engine(loadRuleset(builtInSources('ossec', false)), { counting: 'keyed' });

/** A field as Apache writes it. */
const field = (text: string) => text.replace(/["\\]/g, '\\$&').replaceAll('\0', '\\x00');

/** Each line has a source of its own, so that nothing is counted. */
let sources = 0;

function lineOf({ method, target, referer, userAgent, status }: JudgedRequest): string {
  return `2001:db8::${(++sources).toString(16)} - - [20/Nov/2026:09:00:00 +0000] "${method} ${field(target)} HTTP/1.1" ${status} 330 "${field(referer)}" "${field(userAgent)}"`;
}

/** The levels of the classes: an unmistakable request, and a probe. */
const LEVEL = { unmistakable: 10, probe: 6 } as const;

/** The rule that a request raises. A stock rule of a probe's level takes precedence over Riposte's rules. */
function ruleOf(request: JudgedRequest): { id: number; level: number } {
  return engine.judge(lineOf(request), 1_795_166_986).rule ?? { id: 0, level: 0 };
}

const isOurs = (id: number): boolean => id >= 117_000 && id < 117_300;

for (const read of list.signatures) {
  const { class: expected, kind, pattern } = read.signature;
  if (kind === 'agent' && expected === 'probe') continue;
  const only = new SignatureMatcher({ signatures: [read], exceptions: [] });
  test(`raises an alert for '${kind} ${pattern}' in a manager`, () => {
    const requests = examplesOf(read).hostile.filter((request) => only.match(request) !== undefined);
    const levels = requests.map((request) => ruleOf({ ...request, status: '404' }).level);
    assert.ok(Math.max(...levels) >= LEVEL[expected], requests.map(lineOf).join('\n'));
  });
}

for (const read of list.signatures.filter(({ signature }) => signature.kind === 'path')) {
  const path = examplePath(read);
  test(`raises none of Riposte's rules for an article or a search about '${read.signature.pattern}'`, () => {
    const slug = path.replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '');
    for (const target of [`/blog/2026/${slug}-explained/`, `/tag/${slug}/`, `/search?q=${encoded(path)}`])
      assert.not(isOurs(ruleOf(requestFor(target, { status: '200' })).id), target);
  });
}

for (const read of list.signatures) {
  const { class: expected, isSevere, kind, pattern } = read.signature;
  const path = kind === 'path' ? examplePath(read) : '';
  if (expected === 'probe' || read.compiled.queryText !== '' || read.compiled.method !== undefined) continue;
  if (!/\.(?:php|aspx?|jsp)$/.test(path) || /\/(?:index|public)\.php$/.test(path)) continue;
  test(`raises an alert for '${pattern}' in a manager when an exception's path follows the attack`, () => {
    for (const behind of [
      '/webdav/x',
      '/remote.php/x',
      '/tree/x',
      '/.git/git-upload-pack',
      '/raw/branch/x',
    ]) {
      const { level } = ruleOf(requestFor(encoded(path) + behind, { status: '404' }));
      assert.ok(level >= (isSevere ? 12 : 10), `${path}${behind}: ${level}`);
    }
  });
}

for (const target of [
  '/remote.php/dav/files/ann/eval-stdin.php/x',
  '/public.php/webdav/.npmrc',
  '/mirror/acme.sh/src/branch/master/.npmrc',
  '/cgi-bin/cgit.cgi/demo/tree/.npmrc',
  '/gitlist/index.php/demo/blob/main/.npmrc',
  '/api/v4/projects/12/repository/files/lib%2Feval-stdin.php/raw',
  '/share/webdav/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php',
]) {
  test(`raises no alert about an unmistakable attack in a manager below an exception's path: ${target}`, () => {
    assert.ok(ruleOf(requestFor(target)).level < 10, target);
  });
}

test.run();
