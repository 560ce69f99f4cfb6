import { numberOf, withoutQuery } from '../../logs/request-path.ts';
import { isMissing } from './answers.ts';
import { isPageFile } from './page-files.ts';

/** The points of a folder without the product, and of one that redirects: a site may have a product in many folders. */
const FOLDER_POINTS = { missing: 3, redirected: 1 };
/** This many points count as a further probe. */
const POINTS_OF_PROBE = 9;
/** Enough folders for two further probes. */
const MOST_FOLDERS = 20;
/** This many folders without the product are two further probes. */
const ENOUGH_MISSING = 4;
/** The same if they were requested within QUICK_SECONDS: faster than a person types addresses. */
const ENOUGH_QUICK = 3;
const QUICK_SECONDS = 20;

/**
 * The different folders in which a source seeks one product: no visitor looks for a product of this site in so many.
 */
export class Folders {
  readonly #redirected: number[] = [];
  readonly #missing: number[] = [];
  /** When the last missing folders were requested first, in seconds since 1970. */
  readonly #times: number[] = [];
  #isQuick = false;

  /** Notes a request. @param time seconds since 1970 */
  add(target: string, status: string, time: number): void {
    if (this.#redirected.length + this.#missing.length === MOST_FOLDERS || isPageFile(target)) return;
    const number = numberOf(folderOf(target));
    if (this.#missing.includes(number)) return;
    if (isMissing(status)) this.#addMissing(number, time);
    else if (status.startsWith('3') && !this.#redirected.includes(number)) this.#redirected.push(number);
  }

  /** A site that redirects to HTTPS answers each folder twice: with a redirect, and then that it is missing. */
  #addMissing(number: number, time: number): void {
    const at = this.#redirected.indexOf(number);
    if (at >= 0) this.#redirected.splice(at, 1);
    this.#missing.push(number);
    this.#times.push(time);
    if (this.#times.length < ENOUGH_QUICK) return;
    const first = this.#times.shift() as number;
    this.#isQuick ||= time - first <= QUICK_SECONDS;
  }

  /** The number of further probes. */
  get more(): number {
    if (this.#isQuick || this.#missing.length >= ENOUGH_MISSING) return 2;
    const points =
      this.#missing.length * FOLDER_POINTS.missing + this.#redirected.length * FOLDER_POINTS.redirected;
    return Math.min(2, Math.floor(points / POINTS_OF_PROBE));
  }
}

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
