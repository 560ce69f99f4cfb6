import { EX, RiposteError } from '../../base/errors.ts';
import type { LogFormat } from './reading.ts';
import { chars } from './segment.ts';
import { timePattern } from './strftime.ts';
import {
  ADDRESS,
  ANY_TEXT,
  type HeaderRole,
  NUMBER,
  type TemplateField,
  type TemplateOptions,
  type TemplateToken,
  templateFormat,
  WORD,
} from './template.ts';

/**
 * A format that Apache's LogFormat or CustomLog defines, such as `%h %l %u %t "%r" %>s %b`, with or without the
 * backslashes that httpd.conf has before its quotes.
 *
 * The facts about Apache's output are from mod_log_config.c, mod_logio.c and ap_escape_logitem() in util.c:
 * - Apache escapes `"`, `\` and everything except printable ASCII in all texts of a client, except in `%{…}x` and
 *   `%{…}c` before 2.4.64 (CVE-2024-47252).
 * - A missing value is `-`; an empty header is an empty text; an empty user name is `""`, quotes included.
 * - `%V` and `%H` may hold spaces in 2.2, and in 2.4 with `HttpProtocolOptions Unsafe`.
 *
 * @throws RiposteError (CONFIG) for a format that does not say safely which address is the client's
 */
export function apacheFormat(
  name: string,
  format: string,
  options: Pick<TemplateOptions, 'hasTail' | 'isToldBy'> = {},
): LogFormat {
  return templateFormat(name, apacheTokens(name, format), {
    ...options,
    setting: 'LogFormat',
    address: '%a',
  });
}

/** `%400,501{User-agent}i`, `%!200t`, `%>s`, `%^FB`, `%{tid}P` */
const DIRECTIVE = /%([!<>,0-9]*(?:\{([^}]*)\})?[!<>,0-9]*)(\^..|[^{])/y;

function apacheTokens(name: string, format: string): TemplateToken[] {
  const tokens: TemplateToken[] = [];
  let at = 0;
  while (at < format.length) {
    const percent = format.indexOf('%', at);
    const end = percent < 0 ? format.length : percent;
    if (end > at) tokens.push(literalOf(format.slice(at, end)));
    if (percent < 0) break;
    DIRECTIVE.lastIndex = percent;
    const [directive, modifiers, argument, letter] = DIRECTIVE.exec(format) ?? [];
    if (directive === undefined || modifiers === undefined || letter === undefined)
      throw new RiposteError(
        EX.CONFIG,
        `log format '${name}': '${format.slice(percent, percent + 20)}' is not a directive of Apache's LogFormat`,
      );
    at = percent + directive.length;
    if (letter === '%') tokens.push('%');
    else tokens.push(...fieldTokens(name, directive, modifiers, argument, letter));
  }
  return tokens;
}

/** The text that Apache writes between two directives. httpd.conf writes a quote as `\"`. */
function literalOf(text: string): string {
  return text.replace(/\\(["\\nrt])/g, (_, letter: string) => ESCAPES[letter] ?? letter);
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

function fieldTokens(
  name: string,
  directive: string,
  modifiers: string,
  argument: string | undefined,
  letter: string,
): TemplateToken[] {
  const isConditional = /\d/.test(modifiers.replace(/\{.*\}/, ''));
  if (letter === 't') return timeTokens(directive, argument ?? '', isConditional);
  const field = fieldOf(name, directive, argument, letter);
  if (letter === 's' && modifiers.includes('>')) return [{ ...field, rank: 0 }];
  return [field];
}

function fieldOf(
  name: string,
  directive: string,
  argument: string | undefined,
  letter: string,
): TemplateField {
  const isPeer = argument === 'c';
  switch (letter) {
    case 'a':
      return { directive, chars: ADDRESS, role: 'client', rank: isPeer ? 1 : 0 };
    case 'h':
      return { directive, chars: ADDRESS, role: 'client', rank: isPeer ? 1.5 : 0.5 };
    case 'A':
      return { directive, chars: ADDRESS };
    // mod_ident takes one word from the answer of the client's host.
    case 'l':
      return { directive, chars: WORD, usual: '-' };
    case 'u':
      return { directive, chars: ANY_TEXT, role: 'user', isQuotedWhenEmpty: true };
    case 'r':
      return { directive, chars: ANY_TEXT, role: 'request' };
    case 'm':
      return { directive, chars: WORD, role: 'method' };
    case 'U':
      return { directive, chars: ANY_TEXT, role: 'path' };
    case 'q':
      return { directive, chars: ANY_TEXT, role: 'query' };
    case 'H':
      return { directive, chars: WORD, role: 'version', isSoft: true };
    case 's':
      return { directive, chars: NUMBER, role: 'status', rank: 1 };
    case 'b':
    case 'B':
      return { directive, chars: NUMBER, role: 'size' };
    case 'O':
      return { directive, chars: NUMBER, role: 'size', rank: 1 };
    case 'v':
      return { directive, chars: WORD, role: 'host' };
    case 'V':
      return { directive, chars: WORD, role: 'host', rank: 1, isSoft: true };
    case 'D':
    case 'T':
    case 'I':
    case 'S':
    case 'k':
    case 'p':
    case '^FB':
    case '^FU':
      return { directive, chars: NUMBER };
    case 'P':
    case 'X':
    case 'L':
    case 'F':
      return { directive, chars: WORD };
    case 'i':
      return headerField(directive, argument ?? '');
    case 'e':
      return { directive, chars: ANY_TEXT, role: argument === 'UNIQUE_ID' ? 'uniqueId' : undefined };
    case 'x':
    case 'c':
      return tlsField(name, directive, argument ?? '');
    default:
      return { directive, chars: ANY_TEXT };
  }
}

/** Headers in which a proxy names its client. If a log has several, the first in this list counts. */
const PROXY_HEADERS: readonly (readonly [string, HeaderRole])[] = [
  ['x-forwarded-for', 'x-forwarded-for'],
  ['forwarded', 'forwarded'],
  ['cf-connecting-ip', 'cf-connecting-ip'],
  ['true-client-ip', 'client-written'],
  ['fastly-client-ip', 'client-written'],
  ['x-real-ip', 'client-written'],
  ['x-client-ip', 'client-written'],
  ['x-cluster-client-ip', 'client-written'],
];

/** @param header its name in lower case @returns undefined for any other header */
export function proxyHeader(
  header: string,
): { readonly header: HeaderRole; readonly rank: number } | undefined {
  const rank = PROXY_HEADERS.findIndex(([name]) => name === header);
  const [, role] = PROXY_HEADERS[rank] ?? [];
  return role && { header: role, rank };
}

function headerField(directive: string, argument: string): TemplateField {
  const header = argument.toLowerCase();
  const proxy = proxyHeader(header);
  const field = { directive, chars: ANY_TEXT };
  if (proxy) return { ...field, role: 'header', ...proxy };
  if (header === 'referer') return { ...field, role: 'referer' };
  if (header === 'user-agent') return { ...field, role: 'userAgent' };
  return header === 'host' ? { ...field, role: 'host', rank: 2 } : field;
}

/** Values of mod_ssl that are always one word. */
const TLS_WORDS =
  /^(?:HTTPS|SSL_(?:PROTOCOL|CIPHER|CIPHER_EXPORT|CIPHER_USEKEYSIZE|CIPHER_ALGKEYSIZE|COMPRESS_METHOD|SESSION_ID|SESSION_RESUMED|SECURE_RENEG|HANDSHAKE_RTT)|version|cipher|errcode)$/i;

function tlsField(name: string, directive: string, argument: string): TemplateField {
  if (TLS_WORDS.test(argument)) return { directive, chars: WORD };
  if (/^SSL_CLIENT_VERIFY$/i.test(argument)) return { directive, chars: ANY_TEXT };
  if (/SNI|_CERT|_RAW$/i.test(argument))
    throw new RiposteError(
      EX.CONFIG,
      `log format '${name}': Apache before 2.4.64 writes ${directive} with the line breaks that a client sends, so a ` +
        'client could write whole lines; remove this directive from the LogFormat',
    );
  return { directive, chars: ANY_TEXT, isRaw: true };
}

const CLF_WIDTH = '20/Nov/2026:09:00:00 +0000'.length;
const DIGITS = chars(/\d/);
const CLF = chars(/[-+/: 0-9A-Za-z]/);

/** @param argument `begin:%d/%b/%Y`, `end`, `sec`, `msec_frac`, … */
function timeTokens(directive: string, argument: string, isConditional: boolean): TemplateToken[] {
  // If the condition does not hold, Apache writes `-` in place of the whole time.
  if (isConditional) return [{ directive, chars: chars(/[ -~]/) }];
  const format = argument.replace(/^(?:begin|end)(?::|$)/, '');
  if (format === '')
    return ['[', { directive, chars: CLF, width: CLF_WIDTH, role: 'time', time: { kind: 'clf' } }, ']'];
  if (/^[mu]?sec$/.test(format)) return [{ directive, chars: DIGITS, role: 'time', time: { kind: 'epoch' } }];
  if (/^[mu]sec_frac$/.test(format))
    return [{ directive, chars: DIGITS, width: format === 'msec_frac' ? 3 : 6 }];
  const pattern = timePattern(format);
  if (pattern === undefined || format.includes('"')) return [{ directive, chars: ANY_TEXT }];
  const { chars: held, width } = pattern;
  return [{ directive, chars: held, width, role: 'time', time: { kind: 'parts', pattern } }];
}
