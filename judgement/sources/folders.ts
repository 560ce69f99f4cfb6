import { numberOf, withoutQuery } from '../../logs/request-path.ts';
import { isMissing } from './answers.ts';
import { isPageFile } from './page-files.ts';

/**
 * The points for a folder without the product, and for a folder that redirects: a site may have a product in many
 * folders.
 */
const FOLDER_POINTS = { missing: 3, redirected: 1 };
/** The number of points that count as a further probe. */
const POINTS_OF_PROBE = 9;
/** The number of folders that are remembered: enough for two further probes. */
const MOST_FOLDERS = 20;
/** This many folders without the product are two further probes. */
const ENOUGH_MISSING = 4;
/** The same for three within this many seconds: a person does not type addresses that fast. */
const QUICK_SECONDS = 20;

/**
 * The different folders in which a source seeks one product: no visitor looks for a product of this site in so many.
 */
export class Folders {
  /** The numbers of the folders, in one array because most sources have one: the lowest bit means that it is missing. */
  readonly #folders: number[] = [];
  /** The times of the first requests for the last two missing folders, in seconds since 1970. */
  #lastTime = 0;
  #timeBefore = 0;
  #isQuick = false;

  /** Notes a request. @param time seconds since 1970 */
  add(target: string, status: string, time: number): void {
    const isAbsent = isMissing(status);
    if ((!isAbsent && !status.startsWith('3')) || isPageFile(target)) return;
    const number = numberOf(folderOf(target)) & ~MISSING;
    const known = this.#folders.findIndex((each) => (each & ~MISSING) === number);
    if (known < 0 && this.#folders.length === MOST_FOLDERS) return;
    // A site that redirects to HTTPS answers each folder twice: with a redirect, and then that it is missing.
    const isNew = known < 0 || (isAbsent && !((this.#folders[known] as number) & MISSING));
    if (!isNew) return;
    this.#folders[known < 0 ? this.#folders.length : known] = isAbsent ? number | MISSING : number;
    if (isAbsent) this.#noteTime(time);
  }

  #noteTime(time: number): void {
    this.#isQuick ||= time - this.#timeBefore <= QUICK_SECONDS;
    this.#timeBefore = this.#lastTime;
    this.#lastTime = time;
  }

  /** The number of further probes. */
  get more(): number {
    let missing = 0;
    for (const folder of this.#folders) missing += folder & MISSING;
    if (this.#isQuick || missing >= ENOUGH_MISSING) return 2;
    const redirected = this.#folders.length - missing;
    const points = missing * FOLDER_POINTS.missing + redirected * FOLDER_POINTS.redirected;
    return Math.min(2, Math.floor(points / POINTS_OF_PROBE));
  }
}

/** The lowest bit of a folder's number. */
const MISSING = 1;

/** Folders in which products of one kind have folders of their own. */
const COMMON_FOLDERS: ReadonlySet<string> = new Set(['admin', 'administrator', 'db', 'mysql', 'sql']);

/** `//blog/wp-login.php` is in `blog`, `/db/pma/x.php` in `db/pma`, `/wp-login.php` is itself the first part. */
function folderOf(target: string): string {
  const path = withoutQuery(target)
    .toLowerCase()
    .replace(/^https?:\/\/[^/]*/, '')
    .replace(/^\/+/, '');
  const [first = '', second = '', ...rest] = path.split('/', 3);
  return COMMON_FOLDERS.has(first) && rest.length > 0 ? `${first}/${second}` : first;
}
