import type { Home } from '../home.ts';
import { newId } from './notice.ts';
import { dropLetter, type Letter, putLetter } from './spool.ts';

/** How many alerts one digest holds at the most. */
const MOST_NOTICES = 1000;

/**
 * Makes one letter of all in a queue that may still change: first the digest is written, then what is in it goes.
 * A letter that a server may have taken stays as it is, by its own Message-ID.
 *
 * @param queue loses those that are in the digest
 * @returns undefined when the first must go by itself
 */
export function mergeAll(queue: Letter[], home: Home): Letter | undefined {
  if (queue[0] === undefined || !isFree(queue[0])) return undefined;
  const parts: Letter[] = [];
  let count = 0;
  for (const letter of queue) {
    if (!isFree(letter)) continue;
    count += letter.notices.length;
    if (parts.length > 0 && count > MOST_NOTICES) break;
    parts.push(letter);
  }
  const [first] = parts;
  if (first === undefined || parts.length === 1) return undefined;
  const id = `${newId()}-digest`;
  const messageId = first.messageId.replace(/^<[^.]*/, `<${id}`);
  const notices = parts.flatMap((part) => part.notices);
  const digest: Letter = { ...first, id, messageId, notices, reason: undefined };
  putLetter(home, digest);
  for (const part of parts) dropLetter(home, part);
  queue.splice(0, queue.length, ...queue.filter((letter) => !parts.includes(letter)));
  return digest;
}

/** Letters without those that a digest holds already: a process was killed before it had removed them. Those begun first. */
export function withoutMerged(home: Home, letters: readonly Letter[]): Letter[] {
  const merged = new Set(
    letters.filter(({ notices }) => notices.length > 1).flatMap(({ notices }) => notices.map(({ id }) => id)),
  );
  const isMerged = ({ notices: [only, another] }: Letter) =>
    another === undefined && only !== undefined && merged.has(only.id);
  for (const letter of letters.filter(isMerged)) dropLetter(home, letter);
  const left = letters.filter((letter) => !isMerged(letter));
  return [...left.filter(({ begun }) => begun), ...left.filter(({ begun }) => !begun)];
}

const isFree = ({ begun, done, refused }: Letter): boolean =>
  !begun && done.length === 0 && Object.keys(refused).length === 0;
