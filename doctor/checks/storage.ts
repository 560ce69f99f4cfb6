import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Block } from '../../active-response/ledger.ts';
import { counted } from '../../base/counted.ts';
import { capRemark, capUse } from '../../serve/scan/cap-use.ts';
import type { Examination } from '../examination.ts';
import { type Judged, orOk, problem, warning } from '../finding.ts';
import { ledgerOf } from '../ledger-entries.ts';
import type { Check } from './check.ts';

/** Free bytes below which a file system is nearly full: some thousand entries, and space for a log. */
const NEARLY_FULL = 50 * 1024 * 1024;

/** Free bytes below which no entry fits. */
const FULL = 8 * 1024;

/** Checks that ledger and journal can be written and have space, and that no entry is damaged. */
export const storage: Check = (examined) => {
  const { home, isRoot } = examined;
  const { blocks, damaged } = ledgerOf(examined);
  const paths = [home.blocks, home.ended, home.journal, dirname(home.activeResponsesLog)];
  const wrong: Judged[] = [
    // Only root can check this, because the responses run as root.
    ...new Map((isRoot ? paths : []).flatMap(notWritable).map((each) => [each.seen, each])).values(),
    ...nearlyFull(examined),
    ...damaged.map((file) =>
      problem(
        `${file} holds no valid block: a sweep unblocks the address, and sets the file aside`,
        'riposte sweep',
      ),
    ),
    ...failures(blocks),
    ...capped(examined, blocks),
  ];
  return orOk(
    wrong,
    `${dirname(home.blocks)} can be written; ${counted(blocks.length, 'block')}, none damaged`,
  );
};

/** One finding for all failed blocks: a firewall that refuses one usually refuses all. */
function failures(blocks: readonly Block[]): Judged[] {
  const [first, ...others] = blocks.filter(({ failed }) => failed !== undefined);
  if (first === undefined) return [];
  const more = others.length === 0 ? '' : `; and ${others.length} more`;
  const seen = `${first.response} could not block ${first.address}: ${first.failed}${more}`;
  return [warning(seen, 'try again: riposte sweep')];
}

/** Warns when most of MAX_BLOCKS is in use: above the limit, Riposte ends some blocks of its own decision early. */
function capped({ settings: { maxBlocks } }: Examination, blocks: readonly Block[]): Judged[] {
  const seen = capRemark(capUse(blocks, maxBlocks));
  if (seen === undefined) return [];
  return [warning(seen, 'raise MAX_BLOCKS in riposte.conf, or shorten BLOCK_FOR')];
}

function nearestExisting(path: string): string {
  let existing = path;
  while (!existsSync(existing)) existing = dirname(existing);
  return existing;
}

/** Tests the nearest existing directory: Riposte creates missing directories when it needs them. */
function notWritable(path: string): Judged[] {
  const existing = nearestExisting(path);
  try {
    accessSync(existing, constants.W_OK);
    return [];
  } catch (error) {
    const { code = 'error' } = error as NodeJS.ErrnoException;
    return [
      problem(
        `${existing} cannot be written to (${code})`,
        `chattr -ia ${existing}, or remount its file system rw`,
      ),
    ];
  }
}

/** The file systems of the ledger and of the log, which may differ. */
function nearlyFull({ home }: Examination): Judged[] {
  const places = [home.data, dirname(home.activeResponsesLog)].map(nearestExisting);
  const found = places.flatMap(spaceOf);
  return [...new Map(found.map((each) => [each.seen, each])).values()];
}

function spaceOf(directory: string): Judged[] {
  const { bfree, bavail, bsize, blocks, files, ffree } = statfsSync(directory);
  const what = `the file system of ${directory}`;
  const is = 'Riposte keeps blocks in memory only, and responses that need a file, such as apache-deny, fail';
  if (blocks > 0 && bfree * bsize < FULL) return [problem(`${what} is full: ${is}`, 'free some space there')];
  if (files > 0 && ffree === 0) return [problem(`${what} has no free inodes: ${is}`, 'remove files there')];
  const megabytes = Math.floor((bavail * bsize) / 1024 / 1024);
  if (blocks > 0 && bavail * bsize < NEARLY_FULL)
    return [warning(`${what} has ${megabytes} MB left: once it is full, ${is}`, 'free some space there')];
  if (files > 0 && ffree < 1000) return [warning(`${what} has ${ffree} inodes left`, 'remove files there')];
  return [];
}
