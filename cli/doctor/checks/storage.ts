import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Block } from '../../../active-response/ledger.ts';
import type { Examination } from '../examination.ts';
import { type Judged, orOk, problem, warning } from '../finding.ts';
import { ledgerOf } from '../ledger-entries.ts';
import type { Check } from './check.ts';

/** Less than this is nearly full, in bytes: some thousand entries, and room for a log. */
const NEARLY_FULL = 50 * 1024 * 1024;

/** Ledger and journal can be written, there is room for them, and no entry is damaged. */
export const storage: Check = (examined) => {
  const { home, isRoot } = examined;
  const { blocks, damaged } = ledgerOf(examined);
  const places = [home.blocks, home.ended, home.journal, dirname(home.activeResponsesLog)];
  const wrong: Judged[] = [
    // For others the answer would be their own, and the responses are root's.
    ...new Map((isRoot ? places : []).flatMap(notWritable).map((each) => [each.seen, each])).values(),
    ...nearlyFull(examined),
    ...damaged.map((file) =>
      problem(
        `${file} holds no block: it can neither end nor be lifted`,
        `rm ${file}, and block the address again`,
      ),
    ),
    ...failures(blocks),
  ];
  return orOk(
    wrong,
    `${dirname(home.blocks)} can be written; ${blocks.length === 1 ? '1 block' : `${blocks.length} blocks`}, none damaged`,
  );
};

/** One line for all of them: a firewall that refuses, refuses everybody. */
function failures(blocks: readonly Block[]): Judged[] {
  const [first, ...others] = blocks.filter(({ failed }) => failed !== undefined);
  if (first === undefined) return [];
  const more = others.length === 0 ? '' : `; and ${others.length} more`;
  const seen = `${first.response} could not block ${first.address}: ${first.failed}${more}`;
  return [warning(seen, 'riposte sweep tries it again')];
}

/** The nearest directory that is there already: the others are made when they are needed. */
function notWritable(path: string): Judged[] {
  let place = path;
  while (!existsSync(place)) place = dirname(place);
  try {
    accessSync(place, constants.W_OK);
    return [];
  } catch (error) {
    const { code = 'error' } = error as NodeJS.ErrnoException;
    return [
      problem(
        `${place} cannot be written to (${code})`,
        `chattr -ia ${place}, or remount its file system rw`,
      ),
    ];
  }
}

function nearlyFull({ home }: Examination): Judged[] {
  const { bavail, bsize, files, ffree } = statfsSync(home.root);
  const free = bavail * bsize;
  const seen = `the file system of ${home.root} has ${Math.floor(free / 1024 / 1024)} MB left`;
  if (free < NEARLY_FULL) return [warning(`${seen}: without room nobody is blocked`, 'make room there')];
  if (files > 0 && ffree < 1000)
    return [warning(`the file system of ${home.root} has ${ffree} inodes left`, 'remove files there')];
  return [];
}
