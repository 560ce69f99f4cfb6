import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Home, homeAt } from '../../../active-response/home.ts';
import { newId, noticeOf } from '../../../active-response/notify/notice.ts';
import { mergeAll, withoutMerged } from '../../../active-response/notify/queue.ts';
import {
  countWaiting,
  failLetter,
  fileOf,
  idsIn,
  type Letter,
  lettersIn,
  newNotices,
  putLetter,
  putNotice,
  retryFailed,
} from '../../../active-response/notify/spool.ts';
import { requestWith, temporaryDirectory } from '../support.ts';

const newHome = (): Home => homeAt(temporaryDirectory());

/** A letter of one alert, in the spool. */
function letterIn(home: Home, some: Partial<Letter> = {}): Letter {
  const notice = noticeOf(requestWith());
  const messageId = `<${notice.id}.mail@x>`;
  const letter: Letter = {
    id: notice.id,
    channel: 'mail',
    messageId,
    notices: [notice],
    done: [],
    refused: {},
    ...some,
  };
  putLetter(home, letter);
  return letter;
}

test('a notice comes out as it was put in, the oldest first', () => {
  const home = newHome();
  const late = noticeOf(requestWith(), undefined, new Date(2000));
  const early = noticeOf(requestWith(), undefined, new Date(1000));
  for (const notice of [late, early]) putNotice(home, notice);
  assert.equal(newNotices(home), [early, late]);
  assert.is(countWaiting(home), 2);
});

test('the spool is root’s alone', () => {
  const home = newHome();
  const { id } = letterIn(home);
  const file = fileOf(home, 'mail', id);
  assert.equal(
    [file, dirname(file)].map((path) => statSync(path).mode & 0o777),
    [0o600, 0o700],
  );
});

test('a file that holds no JSON is put aside, and keeps nothing else from being sent', () => {
  const home = newHome();
  const letter = letterIn(home);
  const damaged = fileOf(home, 'mail', newId());
  writeFileSync(damaged, '{"id":');
  assert.equal(
    lettersIn(home, 'mail').map(({ id }) => id),
    [letter.id],
  );
  assert.ok(readdirSync(dirname(damaged)).some((name) => name.endsWith('.damaged')));
});

test('what has failed is in one place at a time, and waits again when it is asked for', () => {
  const home = newHome();
  const letter = letterIn(home);
  failLetter(home, { ...letter, refused: { 'a@b': '550 no' }, reason: '550 no' });
  assert.equal([idsIn(home, 'mail'), idsIn(home, 'failed')], [[], [letter.id]]);
  assert.equal(lettersIn(home, 'failed')[0]?.refused, { 'a@b': '550 no' });
  assert.is(retryFailed(home), 1);
  assert.equal([idsIn(home, 'mail'), idsIn(home, 'failed')], [[letter.id], []]);
  const [again] = lettersIn(home, 'mail');
  assert.equal([again?.refused, again?.messageId], [{}, letter.messageId]);
});

test('a digest takes those that may change, and leaves what a server may have', () => {
  const home = newHome();
  const free = [letterIn(home), letterIn(home)];
  const begun = letterIn(home, { begun: true });
  const half = letterIn(home, { done: ['a@b'] });
  const queue = [...free, begun, half];
  const digest = mergeAll(queue, home);
  assert.is(digest?.notices.length, 2);
  assert.is.not(digest?.messageId, free[0]?.messageId);
  assert.match(digest?.messageId ?? '', /^<[\w-]+\.mail@x>$/);
  assert.equal(queue, [begun, half]);
  assert.equal(idsIn(home, 'mail').sort(), [begun.id, half.id, digest?.id ?? ''].sort());
  assert.is(mergeAll([begun, half], home), undefined);
});

test('after a kill between the digest and the removal of what is in it, that is removed', () => {
  const home = newHome();
  const parts = [letterIn(home), letterIn(home)];
  const digest = mergeAll([...parts], home);
  for (const part of parts) putLetter(home, part); // as if they were still there
  const other = letterIn(home, { begun: true });
  const left = withoutMerged(home, lettersIn(home, 'mail'));
  assert.equal(
    left.map(({ id }) => id),
    [other.id, digest?.id],
  );
  assert.equal(idsIn(home, 'mail').sort(), [other.id, digest?.id ?? ''].sort());
});

test('files of other names in the spool are nobody’s letters', () => {
  const home = newHome();
  letterIn(home);
  for (const name of ['.x.json.1.tmp', 'x.json.damaged', 'x y.json', '..json'])
    writeFileSync(join(dirname(fileOf(home, 'mail', 'x')), name), '{}');
  assert.is(idsIn(home, 'mail').length, 1);
});

test.run();
