import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Home, homeAt } from '../../../active-response/home.ts';
import { newId, noticeOf } from '../../../notify/message/notice.ts';
import { mergeAll, withoutMerged } from '../../../notify/queue/queue.ts';
import {
  countWaiting,
  failMessage,
  fileOf,
  idsIn,
  messagesIn,
  newNotices,
  putMessage,
  putNotice,
  type QueuedMessage,
  retryFailed,
} from '../../../notify/queue/spool.ts';
import { requestWith, temporaryDirectory } from '../../active-response/support.ts';

const newHome = (): Home => homeAt(temporaryDirectory());

/** Puts a queued message of one alert into the spool. */
function queueMessage(home: Home, some: Partial<QueuedMessage> = {}): QueuedMessage {
  const notice = noticeOf(requestWith());
  const messageId = `<${notice.id}.mail@x>`;
  const queued: QueuedMessage = {
    id: notice.id,
    channel: 'mail',
    messageId,
    notices: [notice],
    done: [],
    refused: {},
    ...some,
  };
  putMessage(home, queued);
  return queued;
}

test('returns notices unchanged, the oldest first', () => {
  const home = newHome();
  const late = noticeOf(requestWith(), undefined, new Date(2000));
  const early = noticeOf(requestWith(), undefined, new Date(1000));
  for (const notice of [late, early]) putNotice(home, notice);
  assert.equal(newNotices(home), [early, late]);
  assert.is(countWaiting(home), 2);
});

test('lets only root read the spool', () => {
  const home = newHome();
  const { id } = queueMessage(home);
  const file = fileOf(home, 'mail', id);
  assert.equal(
    [file, dirname(file)].map((path) => statSync(path).mode & 0o777),
    [0o600, 0o700],
  );
});

test('sets a damaged file aside, and sends the rest', () => {
  const home = newHome();
  const queued = queueMessage(home);
  const damaged = fileOf(home, 'mail', newId());
  writeFileSync(damaged, '{"id":');
  assert.equal(
    messagesIn(home, 'mail').map(({ id }) => id),
    [queued.id],
  );
  assert.ok(readdirSync(dirname(damaged)).some((name) => name.endsWith('.damaged')));
});

test('keeps a failed message in one directory, and queues it again on a retry', () => {
  const home = newHome();
  const queued = queueMessage(home);
  failMessage(home, { ...queued, refused: { 'a@b': '550 no' }, reason: '550 no' });
  assert.equal([idsIn(home, 'mail'), idsIn(home, 'failed')], [[], [queued.id]]);
  assert.equal(messagesIn(home, 'failed')[0]?.refused, { 'a@b': '550 no' });
  assert.is(retryFailed(home), 1);
  assert.equal([idsIn(home, 'mail'), idsIn(home, 'failed')], [[queued.id], []]);
  const [again] = messagesIn(home, 'mail');
  assert.equal([again?.refused, again?.messageId], [{}, queued.messageId]);
});

test('merges unsent messages into a digest, and leaves messages that a server may already have', () => {
  const home = newHome();
  const free = [queueMessage(home), queueMessage(home)];
  const begun = queueMessage(home, { begun: true });
  const half = queueMessage(home, { done: ['a@b'] });
  const queue = [...free, begun, half];
  const digest = mergeAll(queue, home);
  assert.is(digest?.notices.length, 2);
  assert.is.not(digest?.messageId, free[0]?.messageId);
  assert.match(digest?.messageId ?? '', /^<[\w-]+\.mail@x>$/);
  assert.equal(queue, [begun, half]);
  assert.equal(idsIn(home, 'mail').sort(), [begun.id, half.id, digest?.id ?? ''].sort());
  assert.is(mergeAll([begun, half], home), undefined);
});

test('drops merged messages when the process was killed after it wrote the digest, before it removed them', () => {
  const home = newHome();
  const parts = [queueMessage(home), queueMessage(home)];
  const digest = mergeAll([...parts], home);
  for (const part of parts) putMessage(home, part); // the state before the removal
  const other = queueMessage(home, { begun: true });
  const left = withoutMerged(home, messagesIn(home, 'mail'));
  assert.equal(
    left.map(({ id }) => id),
    [other.id, digest?.id],
  );
  assert.equal(idsIn(home, 'mail').sort(), [other.id, digest?.id ?? ''].sort());
});

test('ignores files of other names in the spool', () => {
  const home = newHome();
  queueMessage(home);
  for (const name of ['.x.json.1.tmp', 'x.json.damaged', 'x y.json', '..json'])
    writeFileSync(join(dirname(fileOf(home, 'mail', 'x')), name), '{}');
  assert.is(idsIn(home, 'mail').length, 1);
});

test.run();
