import type { AccessRecord } from '../../logs/readers/reading.ts';
import { decodedTarget } from '../target/decoded-target.ts';

/** The result that an answer to a login shows. */
export type LoginResult = 'failed' | 'succeeded' | 'unknown';

/** A page that receives user names and passwords. */
export interface LoginPage {
  /** The name by which attempts are counted, in addition to the source. */
  readonly product: string;
  /** Matches the path, in lower case, and the query of its POST requests. */
  readonly target: RegExp;
  /** Matches the status of a successful login. */
  readonly succeeds: RegExp | undefined;
  /** Matches the status of a failed login. */
  readonly fails: RegExp;
  /** True if other applications also have this path: then a short answer 200 does not show the form. */
  readonly isShared?: boolean;
  /** True if a site may answer every attempt with a redirect, as after a success: then a page must follow. */
  readonly needsUse: boolean;
}

const ANY = /^/;
const REFUSED = /^(?:401|403|422)$/;

export const WORDPRESS = 'WordPress';
export const XML_RPC = 'XML-RPC of WordPress';
export const JOOMLA = 'Joomla';
const UNKNOWN = 'login page';

/** WordPress's own programs, which send many requests to xmlrpc.php without a failed login. */
export const isWordPressProgram = (userAgent: string): boolean =>
  /^(?:wp-(?:android|iphone)|Jetpack by WordPress\.com|WordPress\.com;)/.test(userAgent);

/** A browser sends nothing to xmlrpc.php, so a program that claims to be a browser hides its identity. */
export const claimsToBeBrowser = (userAgent: string): boolean =>
  /^Mozilla\/5\.0 \(/.test(userAgent) && !/writer|wp-|wordpress|jetpack|electron/i.test(userAgent);

/**
 * The answers to successful logins, by product. Where success and failure have the same answer (xmlrpc.php, Joomla),
 * only a page that the visitor gets later shows success; see Logins. The first match counts.
 */
export const LOGIN_PAGES: readonly LoginPage[] = [
  // 200 shows the form again; 302 leads to wp-admin. Lost passwords and protected posts are not logins.
  {
    product: WORDPRESS,
    target:
      /\/wp-login\.php(?:\/[^?]*)?(?:\?(?!.*action=(?:lostpassword|postpass|logout|register|rp|resetpass)).*)?$/,
    succeeds: /^302$/,
    fails: ANY,
    needsUse: true,
  },
  // The action in the body, which a log lacks, takes precedence over the action in the query. A redirect shows no
  // login.
  {
    product: WORDPRESS,
    target: /\/wp-login\.php(?:\/[^?]*)?\?/,
    succeeds: undefined,
    fails: /^(?:200|403)$/,
    needsUse: false,
  },
  // 200 in both cases.
  {
    product: XML_RPC,
    target: /\/xmlrpc\.php(?:\/[^?]*)?(?:\?.*)?$/,
    succeeds: undefined,
    fails: ANY,
    needsUse: false,
  },
  // 303 in both cases. Editors send other forms to the same page, with a component in the query.
  {
    product: JOOMLA,
    target: /\/administrator(?:\/*|\/+index\.php(?:\/[^?]*)?)(?:\?(?!.*option=com_(?!login)).*)?$/,
    succeeds: undefined,
    fails: ANY,
    needsUse: false,
  },
  // 200 shows the form again.
  form(
    'Drupal',
    String.raw`^(?!.*\/(?:api|rest|v\d+)\/).*\/user(?:\/login)?\/*(?:\?.*)?$|\?q=user(?:\/login)?`,
    true,
  ),
  form('Django', String.raw`\/admin\/login\/*(?:\?.*)?$`),
  form(
    'phpMyAdmin',
    String.raw`\/(?:php-?my-?admin|phpadmin|myadmin|pma)[\w.-]*\/*(?:index\.php)?(?:\?route=\/)?$`,
  ),
  form('Roundcube', String.raw`\?(?:.*&)?_task=login`),
  form('OpenCart', String.raw`\?(?:.*&)?route=common\/login`),
  form('Keycloak', String.raw`\/login-actions\/authenticate(?:\?.*)?$`),
  form(
    'GitLab or Gitea',
    String.raw`^(?!.*\/(?:api|rest|v\d+)\/).*\/(?:users\/sign_in|user\/login)(?:\?.*)?$`,
    true,
  ),
  form('Webmin', String.raw`\/session_login\.cgi`),
  form('Bitrix', String.raw`\/bitrix\/admin\/(?:index\.php)?\?(?:.*&)?login=yes`),
  form('Magento', String.raw`\/admin(?:_\w+)?\/(?:admin\/)?auth\/login`),
  // Applications of other frameworks post the forms of their administration to this path, and answer 200.
  {
    product: 'Magento',
    target: /\/index\.php\/admin\/*$/,
    succeeds: /^30[23]$/,
    fails: REFUSED,
    isShared: true,
    needsUse: true,
  },
  form('phpBB', String.raw`\/ucp\.php\?(?:.*&)?mode=login`),
  form('MediaWiki', String.raw`\/(?:[^?]*|index\.php\?(?:.*&)?title=)[\w%]{4,20}:userlogin`),
  form('TYPO3', String.raw`\/typo3\/(?:login\/*|index\.php)\?(?:.*&)?loginprovider=`),
  form('OpenWrt', String.raw`\/cgi-bin\/luci\/*$`),
  form('WooCommerce', String.raw`\/my-account\/*$`),
  // Success and failure have the same answer: only the pages that follow show a success.
  {
    product: UNKNOWN,
    target:
      /\/j_(?:spring_|acegi_)?security_check(?:[?;]|$)|\/owa\/auth\.owa(?:\?|$)|\/account\/loginpost\/*(?:\?|$)|\/remote\/logincheck(?:\?|$)|\/login\/(?:index\.php|submit|check|process|validate|authenticate)\/*(?:\?|$)|\/login_up\.php|\/authlogin\.cgi|\/auth\/callback\/credentials(?:\?|$)|\/api\/auth(?:\/local)?\/*$|\/jwt-auth\/v1\/token|\?(?:.*&)?(?:task=user\.login|controller=(?:authentication|adminlogin))(?:&|$)/,
    succeeds: /^[23]/,
    fails: REFUSED,
    needsUse: false,
  },
  // A page of an unknown application: only an answer that refuses shows a wrong password.
  {
    product: UNKNOWN,
    target:
      /\/(?:login|log-in|signin|sign-in|sign_in|logon|authenticate|session_login|do_?login|user_?login|admin_?login)(?:\.\w{2,6})?\/*(?:\?.*)?$|\/(?:api\d?|rest|auth|oauth2?|users?|account|admin)\/(?:[\w.-]+\/){0,5}(?:login|signin|sign_in|sessions?|tokens?|ticket|authenticate|jwt)\/*(?:\?.*)?$/,
    succeeds: /^[23]/,
    fails: REFUSED,
    needsUse: false,
  },
];

function form(product: string, target: string, isShared = false): LoginPage {
  return {
    product,
    target: new RegExp(target),
    succeeds: /^30[23]$/,
    fails: isShared ? /^(?:200|401|403|422)$/ : /^(?:200|401|403|404|422)$/,
    isShared,
    needsUse: true,
  };
}

/** The login page of a record; undefined for nearly every request. */
export function loginPageOf({
  method,
  target,
}: Pick<AccessRecord, 'method' | 'target'>): LoginPage | undefined {
  if (method !== 'POST' && method !== 'PUT') return undefined;
  const isSpeltPlainly = !UNUSUAL.test(target);
  if (isSpeltPlainly && !WORDS.test(target)) return undefined;
  const text = (isSpeltPlainly ? target.toLowerCase() : canonical(target)).slice(0, LONGEST);
  return LOGIN_PAGES.find((page) => (method === 'POST' || !page.needsUse) && page.target.test(text));
}

/** A path that is not spelt as signatures are: escapes, parameters, dot segments, a site in front. */
const UNUSUAL = /^[^/?]|^[^?]*(?:[%;\\]|\/\.)/;

function canonical(target: string): string {
  const { path, query } = decodedTarget(target);
  return query === '' ? path : `${path}?${query.toLowerCase()}`;
}

/** Every target in LOGIN_PAGES contains one of these words. */
const WORDS =
  /log-?_?[io]n|sign-?_?in|authenticat|\/auth|session|token|ticket|jwt|xmlrpc|administrator|user|my-?admin|phpadmin|pma|bitrix|security_check|luci|my-account|index\.php\/admin/i;

/** Every login page has a shorter target. */
const LONGEST = 1000;

/** The size of the shortest page with a form, in bytes, even if it is compressed. An answer in JSON is shorter. */
const SHORTEST_FORM = 1500;

/**
 * True for an answer that may be a success or a failure, because the application is unknown: 2xx or 3xx to a request
 * whose path says that it logs in.
 */
export function isUncertain({ product, isShared }: LoginPage, status: string, size: string): boolean {
  if (product === UNKNOWN) return /^[23]/.test(status);
  return isShared === true && status === '200' && Number(size) < SHORTEST_FORM;
}

/**
 * True for a path that takes a password. The other paths do not count: an application itself polls a session or
 * renews a token there.
 */
export const takesPassword = (target: string): boolean =>
  /log-?_?[io]n|sign-?_?in|authenticat|security_check|\/auth\.owa|callback\/credentials|auth\/local/i.test(
    target,
  );

/**
 * True if slow guesses at a page add up. They do not add up at a page where a program may repeat an old password, nor
 * at a page whose answers do not show that a password was wrong, such as WordPress's form for an expired session.
 */
export function addsUpSlowly(
  { product, isShared, needsUse }: LoginPage,
  { status, userAgent, referer }: Pick<AccessRecord, 'status' | 'userAgent' | 'referer'>,
): boolean {
  if (product === XML_RPC) return claimsToBeBrowser(userAgent);
  if (!needsUse || isShared === true || referer.includes('interim-login')) return false;
  return /^(?:200|301|403|404)$/.test(status);
}

export function loginResult(
  { product, succeeds, fails }: LoginPage,
  { status, target }: Pick<AccessRecord, 'status' | 'target'>,
): LoginResult {
  if (succeeds?.test(status)) return 'succeeded';
  // 400 is also the answer to an expired token, which an application renews by itself.
  const isRefused = product === UNKNOWN && status === '400' && takesPassword(target);
  return isRefused || fails.test(status) ? 'failed' : 'unknown';
}

/** A page of Joomla's administration that is only shown after a login. */
export const isJoomlaAdministration = (target: string): boolean =>
  /\/administrator\/(?:index\.php)?\?(?:.*&)?option=com_(?!login)/.test(target.slice(0, LONGEST));
