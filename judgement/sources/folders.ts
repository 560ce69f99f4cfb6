import { numberOf, withoutQuery } from '../../logs/request-path.ts';
import { isMissing, isRedirect } from './answers.ts';
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
/**
 * Three folders without the product within this many seconds are two further probes: a person does not type addresses
 * that fast.
 */
const QUICK_SECONDS = 20;

/** This many folders that redirect within QUICK_SECONDS are also two further probes. */
const QUICK_REDIRECTS = 8;

/** Finds three folders without the product within QUICK_SECONDS. */
export class QuickFolders {
  /** The times at which the last two of these folders were noted, in seconds since 1970. */
  #lastTime = 0;
  #timeBefore = 0;
  /** The time at which a third folder was last noted; 0 for never. */
  foundAt = 0;

  /** @param time seconds since 1970 */
  note(time: number): void {
    if (time - this.#timeBefore <= QUICK_SECONDS) this.foundAt = time;
    this.#timeBefore = this.#lastTime;
    this.#lastTime = time;
  }
}

/**
 * The different folders in which a source seeks one product: no visitor looks for a product of this site in so many
 * folders.
 */
export class Folders {
  /**
   * The numbers of the folders, in one array because most sources have one folder. The lowest bit means that the
   * product is missing there.
   */
  readonly #folders: number[] = [];
  readonly #quick = new QuickFolders();
  /** The start of the present period of QUICK_SECONDS, and the number of folders that redirected since then. */
  #redirectsSince = 0;
  #redirects = 0;

  /**
   * Notes a request.
   *
   * @param time seconds since 1970
   * @param isKnownClient true if the client may be a person who visits the site, or a program that names its operator.
   * For such a client, all files in the root are one folder, and quick requests prove nothing, because an old page
   * loads several files from the root at once.
   * @returns true if the product is missing in the folder, and this was not known before
   */
  add(target: string, status: string, time: number, isKnownClient = false): boolean {
    const isAbsent = isMissing(status);
    if ((!isAbsent && !isRedirect(status)) || isPageFile(target)) return false;
    const number = numberOf(folderOf(target, isKnownClient)) & ~MISSING;
    const known = this.#folders.findIndex((each) => (each & ~MISSING) === number);
    if (known < 0 && this.#folders.length === MOST_FOLDERS) return false;
    // A site that redirects to HTTPS answers twice for each folder: with a redirect, and then with 404.
    const isNew = known < 0 || (isAbsent && !((this.#folders[known] as number) & MISSING));
    if (!isNew) return false;
    this.#folders[known < 0 ? this.#folders.length : known] = isAbsent ? number | MISSING : number;
    if (isKnownClient) return isAbsent;
    if (isAbsent) this.#quick.note(time);
    else this.#noteRedirect(time);
    return isAbsent;
  }

  #noteRedirect(time: number): void {
    if (this.#redirects >= QUICK_REDIRECTS) return;
    if (time - this.#redirectsSince > QUICK_SECONDS) {
      this.#redirectsSince = time;
      this.#redirects = 0;
    }
    this.#redirects++;
  }

  /** The number of further probes. */
  get more(): number {
    let missing = 0;
    for (const folder of this.#folders) missing += folder & MISSING;
    if (this.#quick.foundAt > 0 || missing >= ENOUGH_MISSING || this.#redirects >= QUICK_REDIRECTS) return 2;
    const redirected = this.#folders.length - missing;
    const points = missing * FOLDER_POINTS.missing + redirected * FOLDER_POINTS.redirected;
    return Math.min(2, Math.floor(points / POINTS_OF_PROBE));
  }
}

/** The lowest bit of a folder's number. */
const MISSING = 1;

/** Folders in which products of one kind have folders of their own. */
const COMMON_FOLDERS: ReadonlySet<string> = new Set(['admin', 'administrator', 'db', 'mysql', 'sql']);

/**
 * The folder of a target: `blog` for `//blog/wp-login.php`, `db/pma` for `/db/pma/x.php`. For `/wp-login.php` it is the
 * file's own name, or no folder if the root counts as one folder.
 */
function folderOf(target: string, isRootOneFolder: boolean): string {
  const path = withoutQuery(target)
    .toLowerCase()
    .replace(/^https?:\/\/[^/]*/, '')
    .replace(/^\/+/, '');
  if (isRootOneFolder && !path.includes('/')) return '';
  const [first = '', second = '', ...rest] = path.split('/', 3);
  return COMMON_FOLDERS.has(first) && rest.length > 0 ? `${first}/${second}` : first;
}
