import type { AccessRecord } from '../logs/readers/reading.ts';
import { numberOf, pathNumber, pathOf, withoutQuery } from '../logs/request-path.ts';
import { sourceNetwork } from '../logs/source-network.ts';
import { CLASSES, type ClassName, type Verdict, type VerdictClass } from './classes.ts';
import { signaturesOf } from './signatures/matcher.ts';
import type { Match } from './signatures/signature.ts';
import { isMissing, isRedirect, isServed, isSuccess, mayDemandLogin } from './sources/answers.ts';
import { guessedArchive } from './sources/guessed-archive.ts';
import {
  addsUpSlowly,
  claimsToBeBrowser,
  isJoomlaAdministration,
  isUncertain,
  isWordPressProgram,
  JOOMLA,
  type LoginPage,
  loginPageOf,
  loginResult,
  takesPassword,
  WORDPRESS,
  XML_RPC,
} from './sources/login-pages.ts';
import { LOGIN_LIMIT, type Logins, PATHS_LIMIT, UNUSED_LIMIT, VISITOR_LIMIT } from './sources/logins.ts';
import { BURST_PATHS_WITH_PROBE, type MissingPaths, ROBOT_BURST_PATHS } from './sources/missing-paths.ts';
import { isMonitor } from './sources/monitors.ts';
import {
  fileKind,
  isGoImport,
  isInEachFolder,
  isLoader,
  isPageFile,
  isProgramPath,
  isUnasked,
  pageFileKind,
} from './sources/page-files.ts';
import { PROBE_LIMIT } from './sources/probes.ts';
import {
  hostOf,
  isNoHost,
  isOfHost,
  isWebReferer,
  LONGEST_HOST,
  pathAt,
  plainHost,
} from './sources/referer.ts';
import {
  claimOf,
  claimsToBeRobot,
  NO_PROOF,
  type RobotClaim,
  type RobotProof,
  type RobotStanding,
} from './sources/robots.ts';
import { isRecord, routeOf } from './sources/route.ts';
import { ServedProducts } from './sources/served-products.ts';
import { SharedSources } from './sources/shared-sources.ts';
import type { Source } from './sources/source.ts';
import { MOST_SOURCES, SourceTable } from './sources/source-table.ts';

const NONE: ReadonlySet<number> = new Set();

export interface JudgeOptions {
  /** The hosts of this server's own sites. */
  readonly sites?: readonly string[] | undefined;
  /** The maximum number of remembered sources. */
  readonly sources?: number | undefined;
  /** Tells which robots have proved their identity. */
  readonly robotProof?: RobotProof | undefined;
  /** The length of the IPv6 prefix that counts as one source; 128, the default, for each address by itself. */
  readonly ipv6Prefix?: number | undefined;
  /** The sources that many clients share, if the caller remembers them for longer than this object exists. */
  readonly shared?: SharedSources | undefined;
}

/** Judges the requests in access logs, separately for each source: finds attackers, and never a visitor. */
export class RequestJudge {
  readonly #sources: SourceTable;
  readonly #served = new ServedProducts();
  readonly #sites: readonly string[];
  readonly #robotProof: RobotProof;
  readonly #shared: SharedSources;
  readonly #ipv6Prefix: number;
  /** The number of requests whose targets are paths, and the number of requests whose targets name a host. */
  #ownTargets = 0;
  #hostTargets = 0;

  constructor({
    sites = [],
    sources = MOST_SOURCES,
    robotProof = NO_PROOF,
    shared,
    ipv6Prefix = 128,
  }: JudgeOptions = {}) {
    this.#sources = new SourceTable(sources);
    this.#sites = sites.map(plainHost);
    this.#robotProof = robotProof;
    this.#shared = shared ?? new SharedSources();
    this.#ipv6Prefix = ipv6Prefix;
  }

  /** The number of remembered sources. */
  get remembered(): number {
    return this.#sources.size;
  }

  /**
   * Judges a request, and counts it for its source.
   *
   * @param time seconds since 1970
   * @param excepted ids of the rules that neither count nor answer this request
   * @returns undefined for nearly every request, and for a request without a client that can be trusted
   */
  judge(record: AccessRecord, time: number, excepted: ReadonlySet<number> = NONE): Verdict | undefined {
    if (record.client === undefined) return undefined;
    const now = Math.floor(time);
    const source = this.#sources.seen(sourceNetwork(record.client, this.#ipv6Prefix), now);
    if (source.noteRequest(now)) this.#shared.note(source.address, record, now, source.requestsSince);
    const isOwn = isWebReferer(record.referer) && this.#isOwn(record, source);
    if (isServed(record.status)) noteVisit(record, source, isOwn, now);
    else if (record.status === '401') source.noteProtected(pathNumber(record.target));
    const match = signaturesOf(record);
    const verdict =
      (match
        ? this.#judgeMatch(match, record, source, isOwn, now, excepted)
        : this.#judgeProxyRequest(record, source, now, excepted)) ??
      judgeLogin(record, source, now, excepted) ??
      (match ? undefined : this.#judgeArchive(record, source, now, excepted)) ??
      (isMissing(record.status) ? this.#judgeMissing(record, source, isOwn, now, excepted) : undefined);
    if (verdict) this.#shared.restart(source.address, now);
    if (source.hasNewCounts) this.#sources.counted(source, now);
    return verdict;
  }

  /**
   * True if the referer's page is on this site. If neither the log nor SITES names a host of this server, the host in
   * most of the source's referers counts as this site.
   */
  #isOwn(record: AccessRecord, source: Source): boolean {
    const isUsual = source.noteReferer(record.referer);
    return this.#isSite(record) ?? isUsual;
  }

  /**
   * True if the referer's host is a host of this server; undefined if neither the log nor SITES names a host of this
   * server.
   */
  #isSite({ referer, host }: AccessRecord): boolean | undefined {
    if (this.#sites.length > 0 && this.#sites.some((site) => isOfHost(referer, site))) return true;
    if (host !== undefined) return isOfHost(referer, plainHost(host));
    return this.#sites.length > 0 ? false : undefined;
  }

  #judgeMatch(
    match: Match,
    record: AccessRecord,
    source: Source,
    isOwn: boolean,
    now: number,
    excepted: ReadonlySet<number>,
  ): Verdict | undefined {
    const product = probedName(match);
    if (match.place === 'referer') {
      if (source.isReferer(record.referer)) return undefined;
    } else if (match.place !== 'agent') source.noteTarget(record.target);
    const isUnmistakable = match.class === 'unmistakable';
    if (isUnmistakable && !this.#mayBeLedHere(match, record, source, now)) {
      const name = match.isSevere ? 'severe' : 'unmistakable';
      return excepted.has(CLASSES[name].rule) ? undefined : verdictOf(name, 'unmistakable', product);
    }
    if (excepted.has(CLASSES.probes.rule)) return undefined;
    const probes = source.countedProbes;
    if (isUnmistakable) probes.addLed(match.text, product, now);
    else if (match.isInSearch)
      probes.addSearch(product, match.text, now, isServed(record.status) ? record.target : '');
    else if (match.signature.kind === 'path') this.#addProduct(match, product, record, source, isOwn, now);
    else probes.addPayload(payloadText(match), product, now, isServed(record.status) ? record.target : '');
    return this.#judgeProbes(record, source, now);
  }

  #judgeProbes(record: AccessRecord, source: Source, now: number): Verdict | undefined {
    const probes = source.countedProbes;
    const isQuick = probes.sum(now) >= PROBE_LIMIT;
    if (!isQuick && !isSlowScan(record, source, now)) return undefined;
    const names = (isQuick ? probes.names(now) : probes.slowNames(now)).join(', ');
    source.forgetCounts();
    return verdictOf('probes', 'probes', names, claimUnlessProved(record, this.#standingOf(record)));
  }

  /**
   * True if another site's page may have caused a visitor's browser to send this request, as an image in a forum does.
   * Such a request is a GET of a URL. Its referer names another host, or this site after one of its pages (an image in
   * a post), or is missing (no-referrer) although the source is a visitor. A signature that matches the referer may
   * match the page's own URL.
   */
  #mayBeLedHere({ place }: Match, record: AccessRecord, source: Source, now: number): boolean {
    if (record.method !== 'GET' || place === 'agent') return false;
    if (place === 'referer' && NOT_IN_ADDRESS.test(record.referer)) return false;
    if (isOfItself(record) && this.#isSite(record) === true && !source.isVisitor(now)) return false;
    if (!isWebReferer(record.referer) || isNoHost(hostOf(record.referer)))
      return place !== 'referer' && source.isVisitor(now);
    return place === 'referer' || this.#isSite(record) !== true || source.hasPage(now);
  }

  /**
   * True if many targets name a host: this is the log of a proxy, or of a server that logs whole URLs of its own pages.
   */
  get #isProxysLog(): boolean {
    return this.#ownTargets < this.#hostTargets * OWN_TARGETS;
  }

  /** Counts a request for another host's page, such as open proxies receive. */
  #judgeProxyRequest(
    record: AccessRecord,
    source: Source,
    now: number,
    excepted: ReadonlySet<number>,
  ): Verdict | undefined {
    const { target, status, client = '', host } = record;
    if (!isWebReferer(target)) {
      this.#ownTargets++;
      return undefined;
    }
    this.#hostTargets++;
    const asked = hostOf(target);
    const isOwn =
      host === undefined ? this.#sites.some((site) => isOfHost(target, site)) : plainHost(host) === asked;
    if (isOwn || (host === undefined && this.#isProxysLog)) return undefined;
    if (excepted.has(CLASSES.probes.rule)) return undefined;
    const product = `proxy to ${asked.slice(0, LONGEST_HOST)}`;
    if (isServed(status)) this.#served.note(product, client, now);
    const isKnown = this.#served.has(product, now);
    source.countedProbes.addProduct({ product, target, status, isAnswered: false, isServed: isKnown }, now);
    return this.#judgeProbes(record, source, now);
  }

  #addProduct(
    match: Match,
    product: string,
    record: AccessRecord,
    source: Source,
    isOwn: boolean,
    now: number,
  ): void {
    const probes = source.countedProbes;
    const { status, target, client = '', userAgent } = record;
    const isAnswered = isSuccess(status);
    const isUsable = !isNameOfEach(match);
    if (probes.hasUnserved(product, now)) this.#served.withdraw(client);
    else if (isServed(status)) this.#served.note(product, client, now);
    const isKnown =
      this.#served.has(product, now) ||
      (isAnswered && isLoggedIn(record, source)) ||
      (isUsable && isServed(status) && isMonitor(userAgent));
    const size = isUsable && isServed(status) ? sizeOf(record) : undefined;
    probes.addProduct(
      {
        product,
        target,
        status,
        isFile: !isUsable,
        isKnownClient: source.loadsFiles || (isOwn && source.hasPage(now)) || isKnownProgram(userAgent),
        isAnswered,
        isServed: isKnown,
        isGuarded: match.signature.isConsole && mayDemandLogin(status),
        size,
      },
      now,
    );
  }

  #judgeMissing(
    record: AccessRecord,
    source: Source,
    isOwn: boolean,
    now: number,
    excepted: ReadonlySet<number>,
  ): Verdict | undefined {
    const { method, target } = record;
    if (excepted.size > 0 && this.#isBurstExcepted(record, excepted)) return undefined;
    if (isLoggedIn(record, source) || isUnasked(target)) return undefined;
    if (WEBDAV.has(method) && isInEachFolder(target)) return undefined;
    const weight = fileWeight(record, source, isOwn, now);
    if (weight === 'none') return undefined;
    const path = pathOf(target);
    const isQuarter =
      isOwn || weight === 'quarter' || NOT_FOR_PAGES.has(method) || isRecord(path) || isImport(record);
    const missing = source.countedPaths;
    if (!missing.add(missingPath(record, path), isQuarter, now) || !isScan(missing, source, now))
      return undefined;
    const standing = this.#standingOf(record);
    const hasOwnLimit = standing === 'unknown' || standing === 'pending';
    if (hasOwnLimit && !missing.isBurst(ROBOT_BURST_PATHS, now))
      return standing === 'pending' ? burstIfDisproved(record, source) : undefined;
    source.forgetCounts();
    const name = hasOwnLimit ? 'robot burst' : 'burst';
    return verdictOf(name, name, undefined, claimUnlessProved(record, standing));
  }

  /**
   * Counts a request for an archive with a name that fits every site, if the archive is missing or the answer is a
   * redirect. Requests of visitors do not count: a visitor comes from a page, has loaded a page's files, or has got
   * another archive. A redirect of a program does not count, because it may lead to another host that stores the
   * archive.
   */
  #judgeArchive(
    record: AccessRecord,
    source: Source,
    now: number,
    excepted: ReadonlySet<number>,
  ): Verdict | undefined {
    const { method, target, status, referer, userAgent } = record;
    if (!isMissing(status) && !(isRedirect(status) && !namesProgram(userAgent))) return undefined;
    if (source.loadsFiles || source.hasArchive) return undefined;
    if ((method !== 'GET' && method !== 'HEAD') || fileKind(target) !== 'archive') return undefined;
    const name = guessedArchive(target);
    if (name === undefined || isKnownProgram(userAgent)) return undefined;
    if (excepted.has(CLASSES.probes.rule) || isLoggedIn(record, source)) return undefined;
    // A program that follows a redirect sends the address before the redirect as its referer.
    if (isWebReferer(referer) && !referer.startsWith(target, pathAt(referer))) return undefined;
    // Counts the name instead of the target: other folders of a product add probes, but other numbers in a name do not.
    source.countedProbes.addProduct(
      {
        product: `archive ${name}`,
        target: `/${name}`,
        status,
        isFile: true,
        isKnownClient: true,
        isAnswered: false,
        isServed: false,
      },
      now,
    );
    return this.#judgeProbes(record, source, now);
  }

  /**
   * True if the rule that would answer this client's burst is excepted. While a robot's proof is pending, either rule
   * may answer, so one excepted rule is enough.
   */
  #isBurstExcepted(record: AccessRecord, excepted: ReadonlySet<number>): boolean {
    const standing = this.#standingOf(record);
    const isRobot = standing === 'unknown' || standing === 'pending';
    if (isRobot && excepted.has(CLASSES['robot burst'].rule)) return true;
    return standing !== 'unknown' && excepted.has(CLASSES.burst.rule);
  }

  /** Returns whether a claimed robot is proved; undefined for a client that does not claim to be a robot. */
  #standingOf({ client, userAgent }: AccessRecord): RobotStanding | undefined {
    if (client === undefined || !claimsToBeRobot(userAgent)) return undefined;
    return this.#robotProof(client, userAgent);
  }
}

/** True if the missing paths are a scan. Fewer paths are enough if the source has also probed a missing product. */
const isScan = (missing: MissingPaths, { probes }: Source, now: number): boolean =>
  missing.isScan(now) || (probes?.hasMissing(now) === true && missing.isBurst(BURST_PATHS_WITH_PROBE, now));

/**
 * True for a slow scan. The requests of a visitor's browser, and of a client whose user agent names its operator, are
 * no slow scan: crawlers and surveys send requests for days.
 */
const isSlowScan = ({ userAgent }: AccessRecord, source: Source, now: number): boolean =>
  source.probes?.isSlowScan(now) === true && !source.isVisitor(now) && !saysWhoseItIs(userAgent);

/** True for a user agent that names a program: curl, wget, Go-http-client. */
const namesProgram = (userAgent: string): boolean => !/^(?:-?$|Mozilla\/)/.test(userAgent);

/** True for a user agent with a web or mail address: crawlers, surveys and monitors have one. */
const saysWhoseItIs = (userAgent: string): boolean => /@|https?:/i.test(userAgent);

/** True for a program that says what it is: a robot, a monitor, an application of WordPress. */
const isKnownProgram = (userAgent: string): boolean =>
  saysWhoseItIs(userAgent) || claimsToBeRobot(userAgent) || isWordPressProgram(userAgent);

/**
 * True if the referer has the target's path and query: a program that follows a redirect sends the address before
 * the redirect as its referer.
 */
const isOfItself = ({ target, referer }: AccessRecord): boolean =>
  isWebReferer(referer) && referer.slice(pathAt(referer)) === target;

/** Characters that browsers encode in every address, so that no page's own URL holds them. */
const NOT_IN_ADDRESS = /[ <>"]/;

/** A server that is not a proxy gets at least this many paths for each target that names a host. */
const OWN_TARGETS = 0.5;

/** The length of a file's name in a description. */
const LONGEST_NAME = 40;

/** Files that every plugin and theme has, so only the name of the folder tells one product from another. */
const FILES_OF_EACH: ReadonlySet<string> = new Set([
  'readme.txt',
  'readme.md',
  'changelog.txt',
  'changelog.md',
]);

/** The product that is probed. With `backup *`, each file is a product of its own. */
function probedName({ signature: { product }, text }: Match): string {
  if (!product.endsWith(' *')) return product;
  const [file = '', folder = ''] = withoutQuery(text).split('/').reverse();
  const name = FILES_OF_EACH.has(file) ? folder : file;
  return `${product.slice(0, -1)}${name.slice(0, LONGEST_NAME)}`;
}

/**
 * The text that distinguishes a payload from other payloads. For a command, the text is the page and the command,
 * because an application repeats its own commands with other parameters.
 */
function payloadText({ text, signature: { product } }: Match): string {
  const command = product === COMMAND_IN_PARAMETER ? COMMAND.exec(text)?.[0] : undefined;
  return command === undefined ? text : `${withoutQuery(text)}${command}`;
}

const COMMAND_IN_PARAMETER = 'command in a parameter';
const COMMAND = /[?&](?:cmd|command|exec)=[^&]*/;

/**
 * True if no visitor uses the product: backups, webshells and fingerprints are single files, not applications with
 * pages.
 */
const isNameOfEach = ({ signature: { product } }: Match): boolean =>
  product.endsWith(' *') || product.startsWith('webshell');

/** The size of an answer with content; undefined if the log does not say it. */
function sizeOf({ status, size }: AccessRecord): number | undefined {
  const bytes = Number(size);
  return status !== '304' && bytes > 0 ? bytes : undefined;
}

/** Notes the signs of a visitor's browser, which loads a page, and then the page's files. */
function noteVisit(record: AccessRecord, source: Source, isOwn: boolean, now: number): void {
  const { method, target, referer, user } = record;
  const { probes, logins } = source;
  if (user !== '-') {
    const path = pathNumber(target);
    if (source.noteUser(path)) logins?.succeeded(ALL_PATHS);
    logins?.succeeded(path);
  }
  if (logins && isUse(record)) logins.succeeded(UNUSED);
  if (method !== 'GET') return;
  const kind = fileKind(target);
  if (kind === 'archive' || (kind === undefined && !isLoader(target))) {
    source.pageAt = now;
    if (kind === 'archive') source.hasArchive = true;
    if (logins) notePage(logins, target);
    return;
  }
  source.loadsFiles = true;
  if (!isOwn) return;
  source.noteFile(now);
  probes?.noteLoaded(referer);
}

/** The page numbers under which Logins counts attempts at any path, and attempts that no page follows. */
const ALL_PATHS = numberOf('HTTP authentication');
const UNUSED = numberOf('login without use');

/**
 * True for an answered request that only a user of an application sends: not for the login, the first page, or a file
 * that clients request by themselves.
 */
const isUse = (record: AccessRecord): boolean =>
  record.target !== '/' &&
  !takesPassword(record.target) &&
  !isPageFile(record.target) &&
  !isUnasked(record.target);

/** Notes that a source with failed logins got a page. */
function notePage(logins: Logins, target: string): void {
  if (logins.redirected !== undefined) logins.succeeded(logins.redirected);
  if (isJoomlaAdministration(target)) logins.succeeded(numberOf(JOOMLA));
}

function judgeLogin(
  record: AccessRecord,
  source: Source,
  now: number,
  excepted: ReadonlySet<number>,
): Verdict | undefined {
  if (excepted.has(CLASSES.logins.rule)) return undefined;
  const page = loginPageOf(record);
  if (page) return judgeLoginPage(page, record, source, now);
  if (record.status !== '401' || record.user === '-') return undefined;
  const name = 'HTTP authentication';
  // A calendar client repeats an old password by itself.
  const limit = WEBDAV.has(record.method) ? VISITOR_LIMIT : undefined;
  return (
    failedLogin(source, pathNumber(record.target), name, now, limit) ??
    failedLogin(source, ALL_PATHS, name, now, PATHS_LIMIT)
  );
}

function judgeLoginPage(
  page: LoginPage,
  record: AccessRecord,
  source: Source,
  now: number,
): Verdict | undefined {
  const { status, size, userAgent, target } = record;
  const { product, needsUse } = page;
  const number = numberOf(product);
  if (isUncertain(page, status, size)) {
    source.logins?.succeeded(number);
    if (!takesPassword(target) || source.isVisitor(now)) return undefined;
    return failedLogin(source, UNUSED, 'attempts without a page that follows', now, UNUSED_LIMIT);
  }
  const result = loginResult(page, record);
  if (result === 'unknown') return undefined;
  const logins = source.countedLogins;
  if (result === 'succeeded') {
    if (needsUse) return redirectedLogin(source, number, product, now);
    logins.succeeded(number);
    return undefined;
  }
  const isAlike = product !== XML_RPC || logins.isSameSize(number, size);
  if (!isAlike && isWordPressProgram(userAgent)) return undefined;
  if (isAtBothDoors(page, record, source, now))
    return loginVerdict(source, 'WordPress by its form and by XML-RPC');
  return failedLogin(source, number, product, now, undefined, addsUpSlowly(page, record));
}

/**
 * True if a program that claims to be a browser tries a password at WordPress's form and by XML-RPC in turn. A person
 * in a browser loads the form's files, and sends nothing to xmlrpc.php.
 */
function isAtBothDoors(
  { product }: LoginPage,
  { userAgent }: AccessRecord,
  source: Source,
  now: number,
): boolean {
  if (product !== WORDPRESS && product !== XML_RPC) return false;
  if (source.loadsFiles || !claimsToBeBrowser(userAgent)) return false;
  return source.countedLogins.isAtBothDoors(numberOf(product), numberOf(userAgent), now);
}

/** Counts a redirect as a success once a page follows. If a site redirects every attempt, no page follows. */
function redirectedLogin(source: Source, page: number, name: string, now: number): Verdict | undefined {
  const logins = source.countedLogins;
  if (logins.redirected !== undefined) return failedLogin(source, page, name, now);
  logins.redirected = page;
  return undefined;
}

function failedLogin(
  source: Source,
  page: number,
  name: string,
  now: number,
  limit = source.isVisitor(now) ? VISITOR_LIMIT : LOGIN_LIMIT,
  isSlowCounted = false,
): Verdict | undefined {
  const logins = source.countedLogins;
  const isReached = logins.failed(page, now, limit);
  if (!isReached && !(isSlowCounted && logins.isSlow(page, now, limit))) return undefined;
  return loginVerdict(source, name);
}

function loginVerdict(source: Source, name: string): Verdict {
  source.forgetCounts();
  return verdictOf('logins', 'logins', name);
}

/** True if the server logged a user name and did not refuse the request. */
const isLoggedIn = ({ user, status }: AccessRecord, { hasProvedUser }: Source): boolean =>
  hasProvedUser && user !== '-' && status !== '401';

/**
 * The weight of a missing file. Pages, mails and other sites' pages make a browser load files. A scanner may request
 * the same files, but it has loaded no page.
 */
function fileWeight(
  { target, referer }: AccessRecord,
  source: Source,
  isOwn: boolean,
  now: number,
): 'none' | 'quarter' | 'full' {
  const kind = pageFileKind(target);
  if (kind === undefined || isProgramPath(target)) return 'full';
  if (kind === 'part' || isOwn || source.hasPage(now)) return 'none';
  if (isWebReferer(referer)) return kind === 'picture' ? 'none' : 'quarter';
  return kind === 'picture' ? 'quarter' : 'full';
}

/** The methods of WebDAV and CalDAV (RFC 4918, 3253, 4791, 5323, 3744). */
const WEBDAV: ReadonlySet<string> = new Set([
  'PROPFIND',
  'PROPPATCH',
  'MKCOL',
  'COPY',
  'MOVE',
  'LOCK',
  'UNLOCK',
  'REPORT',
  'SEARCH',
  'MKCALENDAR',
  'ACL',
]);

/**
 * Programs use these methods on files that may be missing; no visitor requests a page with them. Such requests weigh a
 * quarter, because a scanner may use these methods, too.
 */
const NOT_FOR_PAGES: ReadonlySet<string> = new Set([...WEBDAV, 'OPTIONS', 'PUT']);

/** True if the go command looks for an import. Robots do not look for imports, and have a higher limit anyway. */
const isImport = ({ target, userAgent }: AccessRecord): boolean =>
  isGoImport(target) && !claimsToBeRobot(userAgent);

/** All requests that are not HTTP count as one path: a client that speaks TLS sends different bytes each time. */
const NO_REQUEST = 1;

/** @param path the target's, decoded and without dot segments */
function missingPath({ method, target }: AccessRecord, path: string): number {
  if (method === '-') return NO_REQUEST;
  return target.startsWith('/') ? numberOf(routeOf(path)) : numberOf(withoutQuery(target));
}

/**
 * The claim on which a verdict on a robot depends: if the robot proves its claim, Riposte holds it instead of blocking
 * it.
 */
const claimUnlessProved = (
  { userAgent }: AccessRecord,
  standing: RobotStanding | undefined,
): RobotClaim | undefined =>
  standing === 'proved' || standing === 'pending' ? claimOf(userAgent, 'unless proved') : undefined;

/**
 * The verdict on a robot that has reached a visitor's limit while its proof is looked up. Returned only once for each
 * look-up. The robot's counts stay.
 */
function burstIfDisproved({ userAgent }: AccessRecord, source: Source): Verdict | undefined {
  if (source.isProofAwaited) return undefined;
  source.isProofAwaited = true;
  return verdictOf('burst', 'burst', undefined, claimOf(userAgent, 'if disproved'));
}

function verdictOf(name: ClassName, verdictClass: VerdictClass, found?: string, claim?: RobotClaim): Verdict {
  const { rule, level, description } = CLASSES[name];
  const text = found === undefined ? description : `${description}: ${found}`;
  return { class: verdictClass, rule, level, description: text, claim };
}
