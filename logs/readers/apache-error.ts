import { isIP } from 'node:net';
import { clientOf, type ProxyPolicy } from '../proxies/client-of.ts';
import { parseAddressField } from './address-field.ts';
import { errorLine, fromApacheErrorLog, MODSECURITY, plainText, SECURITY2 } from './error-text.ts';
import { errorLogTime } from './log-time.ts';
import { type ModSecurityMessage, messageInErrorLog } from './modsecurity-message.ts';
import {
  type ErrorRecord,
  type LineReader,
  type LogFormat,
  NOTHING,
  type ReaderOptions,
  type Reading,
  unreadable,
} from './reading.ts';

/**
 * The error log of Apache 2.4 in its default format, without ErrorLogFormat (server/log.c):
 *
 *   [Fri Nov 20 09:29:46.123456 2026] [authz_core:error] [pid 812:tid 1408] [client 203.0.113.7:54321] AH01630: …
 *
 * Before `[client …]`, a line may have `(errno)text: `. At the debug levels, `file.c(12): ` may come before these
 * texts. The line may end with `, referer: …`. A line that has no `[client …]` in this position is not about a request.
 * A client may have written the text after `[client …]`.
 */
export const apacheError: LogFormat = {
  name: 'apache-error',
  holds: 'error',
  newReader: (options) => ({ read: (line) => readLine(line, options) }),
};

/**
 * The error log of Apache 2.2: `[Fri Nov 20 09:29:46 2026] [error] [client 203.0.113.7] …`. It names no module and no
 * port. It is a separate format, because if a line of 2.4's log looks like a line of 2.2's log, a client wrote that
 * line.
 */
export const apache22Error: LogFormat = {
  name: 'apache22-error',
  holds: 'error',
  newReader: ({ policy }): LineReader => ({ read: (line) => readOldLine(line, policy) }),
};

/** If Apache logs to syslog, the time is missing. */
const HEAD =
  /^(?:\[([A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d{1,9})? \d{4})\] )?\[([\w-]{0,60}):([a-z]{4,6}\d?)\] \[pid (\d{1,10})(?::tid \d{1,20})?\] /;
const OLD_HEAD = /^\[([A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4})\] \[([a-z]{4,6})\] /;
const LEVELS = /^(?:emerg|alert|crit|error|warn|notice|info|debug|trace[1-8])$/;
const HAS_SOURCE = /^(?:debug|trace)/;
const SOURCE = /[\w.+/-]{1,200}\(\d{1,6}\): /y;
/** No text of `strerror` has a colon. */
const ERRNO = /\((?:(?:EAI |OS )?-?\d{1,10}|os 0x[0-9a-f]{8})\)[^:[\]]{0,250}: /y;
const CODE = /AH\d{5}: /y;

/**
 * The modules of Apache itself, of ModSecurity and of PHP. If one of their messages is not about a request, no client or
 * program wrote its beginning. Other modules (mod_wsgi, mod_perl, …) log the output of programs, which may begin with
 * `[client …]`.
 */
const OWN_MODULES = new Set(
  (
    'access_compat actions alias allowmethods asis auth_basic auth_digest auth_form authn_anon authn_core authn_dbd ' +
    'authn_dbm authn_file authn_socache authnz_fcgi authnz_ldap authz_core authz_dbd authz_dbm authz_groupfile ' +
    'authz_host authz_owner authz_user autoindex brotli buffer cache cache_disk cache_socache cern_meta cgi cgid ' +
    'charset_lite core data dav dav_fs dav_lock dbd deflate dialup dir dumpio env expires ext_filter fcgid file_cache ' +
    'filter headers http http2 ident imagemap include info lbmethod_bybusyness lbmethod_byrequests ' +
    'lbmethod_bytraffic lbmethod_heartbeat ldap log_config log_debug log_forensic logio macro md mime mime_magic ' +
    'mpm_event mpm_prefork mpm_worker negotiation php php5 php7 php8 proxy proxy_ajp proxy_balancer proxy_connect ' +
    'proxy_express proxy_fcgi proxy_fdpass proxy_ftp proxy_hcheck proxy_html proxy_http proxy_http2 proxy_scgi ' +
    'proxy_uwsgi proxy_wstunnel ratelimit reflector remoteip reqtimeout request rewrite security2 sed session ' +
    'session_cookie session_crypto session_dbd setenvif socache_dbm socache_dc socache_memcache socache_redis ' +
    'socache_shmcb speling ssl status substitute suexec systemd unique_id unixd userdir usertrack version ' +
    'vhost_alias watchdog xml2enc'
  ).split(' '),
);

/** Apache cuts its lines at 8,192 bytes: if a line is longer, a program wrote it. */
const LONGEST_LINE = 8192;
/** Apache leaves out an escape that does not fit, so a line that was cut may be shorter. */
const MAY_BE_CUT = 8180;
const TOO_LONG = 'is longer than any line of Apache';

/** The parts of a line about a request, with Apache's escapes in them. */
interface Parts {
  readonly line: string;
  readonly time: number | undefined;
  /** Undefined in Apache 2.2's log, which names no module. */
  readonly module: string | undefined;
  readonly level: string;
  /** The content of `[client …]`, without the port. */
  readonly peer: string;
  /** The text after the client. */
  readonly text: string;
  readonly policy: ProxyPolicy;
}

function readLine(line: string, { now, policy }: ReaderOptions): Reading {
  if (line.length > LONGEST_LINE) return unreadable(TOO_LONG);
  const head = HEAD.exec(line);
  const [whole, when, module = '', level = '', pid = ''] = head ?? [];
  if (whole === undefined || !LEVELS.test(level))
    return unreadable("does not begin as Apache's error log does");
  const time = when === undefined ? undefined : errorLogTime(when);
  let at = whole.length;
  if (HAS_SOURCE.test(level)) at = after(SOURCE, line, at);
  at = after(ERRNO, line, at);
  const inBrackets = clientAt(line, at);
  // `[remote …]` names a server behind this one, not a client.
  if (inBrackets === undefined) return NOTHING;
  const colon = inBrackets.lastIndexOf(':');
  const hasPort =
    /^\d{1,5}$/.test(inBrackets.slice(colon + 1)) && isIP(inBrackets.slice(0, Math.max(0, colon))) > 0;
  const peer = hasPort ? inBrackets.slice(0, colon) : inBrackets;
  const port = hasPort ? inBrackets.slice(colon + 1) : undefined;
  const text = line.slice(at + '[client ] '.length + inBrackets.length);
  const record = recordOf({ line, time, module, level, peer, text, policy });
  return { ...record, canonical: errorLine({ ...record, port, pid, time: time ?? now }) };
}

function readOldLine(line: string, policy: ProxyPolicy): Reading {
  if (line.length > LONGEST_LINE) return unreadable(TOO_LONG);
  const [whole, when = '', level = ''] = OLD_HEAD.exec(line) ?? [];
  if (whole === undefined || !LEVELS.test(level))
    return unreadable("does not begin as Apache 2.2's error log does");
  const peer = clientAt(line, whole.length);
  if (peer === undefined) return NOTHING;
  const text = line.slice(whole.length + '[client ] '.length + peer.length);
  const record = recordOf({ line, time: errorLogTime(when), module: undefined, level, peer, text, policy });
  const about = record.code === '' ? record.message : `${record.code}: ${record.message}`;
  const from = record.client === undefined ? '' : `[client ${record.client}] `;
  // Rules for Apache 2.2 match the part of a line that begins with the level.
  return { ...record, canonical: `[${level}] ${from}${about}` };
}

function recordOf(parts: Parts): Omit<ErrorRecord, 'canonical'> {
  const { module, level, time, peer, policy } = parts;
  const address = parseAddressField(peer);
  // A trusted proxy is not a client.
  const client = clientOf(address, undefined, undefined, policy);
  const isOwn = module === undefined || OWN_MODULES.has(module);
  const isTrusted = isOwn && client.address !== undefined;
  const about = isOwn ? messageOf(parts) : { code: '', message: plainText(fromApacheErrorLog(parts.text)) };
  const noClient =
    address === undefined
      ? `'${plainText(peer)}' is not an address`
      : isOwn && client.address === undefined
        ? client.reason
        : reasonAgainst(module ?? '');
  return {
    kind: 'error',
    time,
    client: isTrusted ? client.address : undefined,
    noClient: isTrusted ? undefined : noClient,
    module: module ?? '',
    level,
    isHearsay: true,
    ...about,
  };
}

const reasonAgainst = (module: string): string =>
  module === ''
    ? 'names no module, so a program may have printed the client'
    : `mod_${module} logs what programs print, which may look like a client`;

type About = Pick<ErrorRecord, 'code' | 'message' | 'target' | 'uniqueId'>;

function messageOf(parts: Parts): About {
  const { module, line } = parts;
  const modSecurity = modSecurityText(parts);
  if (modSecurity !== undefined) {
    return aboutModSecurity(messageInErrorLog(fromApacheErrorLog(modSecurity), line.length >= MAY_BE_CUT));
  }
  // If a path looks like a referer, the message ends too early, and rules see only a part of the client's text.
  const end = parts.text.indexOf(', referer: ');
  const text = fromApacheErrorLog(end < 0 ? parts.text : parts.text.slice(0, end));
  const afterErrno = after(ERRNO, text, 0);
  const afterCode = after(CODE, text, afterErrno);
  const hasCode = module !== undefined && afterCode > afterErrno;
  const code = hasCode ? text.slice(afterErrno, afterCode - 2) : '';
  return { code, message: plainText(text.slice(hasCode ? afterCode : 0)) };
}

const aboutModSecurity = ({ reason, fields, uri, uniqueId }: ModSecurityMessage): About => ({
  code: MODSECURITY,
  message: `${reason}${fields}`,
  target: uri,
  uniqueId,
});

/**
 * The text after `ModSecurity: `, if ModSecurity itself wrote the message. For Apache 2.4, ModSecurity's module names
 * the client twice (up to 2.9.7) or once (later). Apache 2.2 names no module, and names the client once.
 */
function modSecurityText({ module, peer, text }: Parts): string | undefined {
  const begin = `${MODSECURITY}: `;
  if (module !== undefined && module !== SECURITY2) return undefined;
  const again = `[client ${peer}] ${begin}`;
  if (module === SECURITY2 && text.startsWith(again)) return text.slice(again.length);
  return text.startsWith(begin) ? text.slice(begin.length) : undefined;
}

/** The content of `[client …] ` at this offset. */
function clientAt(line: string, at: number): string | undefined {
  const begin = '[client ';
  if (!line.startsWith(begin, at)) return undefined;
  const end = line.indexOf('] ', at);
  return end < 0 || end - at > LONGEST_CLIENT ? undefined : line.slice(at + begin.length, end);
}

const LONGEST_CLIENT = 120;

/** @returns the offset after the pattern if it matches here, else this offset */
function after(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  const found = pattern.exec(text);
  return found ? at + found[0].length : at;
}
