import type { Home } from '../../active-response/home.ts';
import { newId } from '../message/notice.ts';
import { dropMessage, putMessage, type QueuedMessage } from './spool.ts';

/** The most alerts in one digest. */
const MOST_NOTICES = 1000;

/**
 * Merges the messages that no server has seen yet into one digest: writes the digest, then drops its parts. A message
 * that a server may have taken keeps its content and its Message-ID.
 *
 * @param queue is changed: the merged messages are removed
 * @returns the digest; undefined if the first message must be sent by itself
 */
export function mergeAll(queue: QueuedMessage[], home: Home): QueuedMessage | undefined {
  if (queue[0] === undefined || !isUntouched(queue[0])) return undefined;
  const parts: QueuedMessage[] = [];
  let count = 0;
  for (const queued of queue) {
    if (!isUntouched(queued)) continue;
    count += queued.notices.length;
    if (parts.length > 0 && count > MOST_NOTICES) break;
    parts.push(queued);
  }
  const [first] = parts;
  if (first === undefined || parts.length === 1) return undefined;
  const id = `${newId()}-digest`;
  const messageId = first.messageId.replace(/^<[^.]*/, `<${id}`);
  const notices = parts.flatMap((part) => part.notices);
  const digest: QueuedMessage = { ...first, id, messageId, notices, reason: undefined };
  putMessage(home, digest);
  for (const part of parts) dropMessage(home, part);
  queue.splice(0, queue.length, ...queue.filter((queued) => !parts.includes(queued)));
  return digest;
}

/**
 * Drops messages that a killed process has merged into a digest, but not removed. Puts the messages whose delivery has
 * begun in front of the other messages.
 */
export function withoutMerged(home: Home, messages: readonly QueuedMessage[]): QueuedMessage[] {
  const merged = new Set(
    messages
      .filter(({ notices }) => notices.length > 1)
      .flatMap(({ notices }) => notices.map(({ id }) => id)),
  );
  const isMerged = ({ notices: [only, another] }: QueuedMessage) =>
    another === undefined && only !== undefined && merged.has(only.id);
  for (const queued of messages.filter(isMerged)) dropMessage(home, queued);
  const left = messages.filter((queued) => !isMerged(queued));
  return [...left.filter(({ begun }) => begun), ...left.filter(({ begun }) => !begun)];
}

const isUntouched = ({ begun, done, refused }: QueuedMessage): boolean =>
  !begun && done.length === 0 && Object.keys(refused).length === 0;
