import { EX, RiposteError } from '../../base/errors.ts';
import { apacheFormat } from './apache-format.ts';
import { type NginxEscape, nginxFormat } from './nginx-format.ts';
import type { LogFormat } from './reading.ts';

/**
 * The format that a `LOG_FORMAT_<name>=` setting defines: `apache:%h %l %u %t "%r" %>s %b`, or `nginx:$remote_addr -
 * $remote_user [$time_local] "$request" $status $body_bytes_sent`. The text may be copied unchanged from the server's
 * configuration: the whole directive, or only its quoted text, also in several pieces, or after `escape=json`.
 *
 * @throws RiposteError (CONFIG) for a text that is not a format, or whose format does not show which address is the
 * client's
 */
export function formatFromText(name: string, text: string): LogFormat {
  const { server, format, escaping } = partsOf(name, text);
  return server === 'apache' ? apacheFormat(name, format) : nginxFormat(name, format, escaping);
}

/** True if two such texts are the same format, in quotes or not. */
export function isSameFormat(a: string, b: string): boolean {
  try {
    const [one, other] = [partsOf('', a), partsOf('', b)].map(({ server, format, escaping }) =>
      JSON.stringify([server, format.replaceAll('\\"', '"'), escaping]),
    );
    return one === other;
  } catch {
    return false;
  }
}

interface FormatParts {
  readonly server: 'apache' | 'nginx';
  readonly format: string;
  readonly escaping: NginxEscape;
}

function partsOf(name: string, text: string): FormatParts {
  const [, server, said = ''] = /^\s*(apache|nginx):\s*(.*?)\s*$/s.exec(text) ?? [];
  if (server === undefined)
    throw new RiposteError(
      EX.CONFIG,
      `log format '${name}': '${text.slice(0, 40)}' does not begin with apache: or nginx:; write for instance ` +
        'apache:%h %l %u %t "%r" %>s %b',
    );
  if (server === 'apache') return { server, format: unquoted(withoutDirective(said)), escaping: 'default' };
  const definition = said.replace(/^log_format\s+\S+\s+/, '');
  const [, escaping = 'default', format = ''] = /^(?:escape=(\S+)\s+)?(.*)$/s.exec(definition) ?? [];
  return { server: 'nginx', format: joinedPieces(format), escaping: escapingOf(name, escaping) };
}

function escapingOf(name: string, text: string): NginxEscape {
  if (text === 'default' || text === 'json' || text === 'none') return text;
  throw new RiposteError(
    EX.CONFIG,
    `log format '${name}': nginx knows no escape=${text}; write escape=default or escape=json`,
  );
}

/** Apache's string without `LogFormat` in front of it, and without the name after it. */
function withoutDirective(text: string): string {
  const definition = text.replace(/^LogFormat\s+/i, '');
  const [, quoted] = /^("(?:[^"\\]|\\.)*")\s+[\w-]+$/s.exec(definition) ?? [];
  return quoted?.includes('%') ? quoted : definition;
}

/**
 * Apache's string without the quotes around it. Quotes inside the string have backslashes, or are of the other kind.
 */
function unquoted(text: string): string {
  const isDouble = /^"(?:[^"\\]|\\.)*"$/s.test(text);
  const isSingle = /^'[^']*'$/.test(text);
  return isDouble || isSingle ? text.slice(1, -1) : text;
}

/** nginx joins the strings of a log_format: `'$remote_addr - ' '"$request"'`. */
function joinedPieces(text: string): string {
  const piece = /\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*;?/y;
  let joined = '';
  let at = 0;
  while (at < text.length) {
    piece.lastIndex = at;
    const found = piece.exec(text);
    if (!found) return text;
    joined += (found[1] ?? found[2] ?? '').replace(/\\(['"\\])/g, '$1');
    at += found[0].length;
  }
  return joined;
}
