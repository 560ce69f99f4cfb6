import type { JudgedRequest } from '../../../judgement/signatures/matcher.ts';
import type { ReadSignature } from '../../../judgement/signatures/read-list.ts';
import { BROWSER, requestFor } from '../support.ts';
import { sampleText } from './sample-text.ts';

/** Requests made from one line of the list: the line matches at least one of `hostile`, and none of `ordinary`. */
export interface Examples {
  readonly hostile: readonly JudgedRequest[];
  readonly ordinary: readonly JudgedRequest[];
}

export function examplesOf(read: ReadSignature): Examples {
  const { kind } = read.signature;
  if (kind === 'path') return examplesOfPath(read);
  if (kind === 'agent') return examplesOfAgent(read);
  const sample = sampleText(read.signature.pattern);
  const hidden = broken(sample, read.compiled.word);
  const requests = kind === 'header' ? inHeader : read.signature.pattern.startsWith('^/') ? inPath : inTarget;
  return { hostile: requests(sample), ordinary: requests(hidden) };
}

/** The path of a line, with a text for each wildcard. */
export function examplePath({ compiled }: Pick<ReadSignature, 'compiled'>): string {
  return sampleText(compiled.source.replaceAll('[^/]*', 'x1').replace(/\.\*\$$/, 'x1$'))
    .replace(/^\/?/, '/')
    .replace(/^(.+)\/$/, '$1');
}

function examplesOfPath(read: ReadSignature): Examples {
  const { queryText, method, word, isWordOfPath } = read.compiled;
  const path = examplePath(read);
  const query = queryText === '' ? '' : `?a=1&${encoded(queryText)}`;
  const request = (target: string) => requestFor(target, { method: method ?? 'GET' });
  const brokenPath = isWordOfPath ? broken(path, word) : path;
  const brokenQuery = isWordOfPath ? query : `?a=1&${encoded(broken(queryText, word))}`;
  return {
    hostile: [request(encoded(path) + query)],
    ordinary: [
      request(encoded(brokenPath) + brokenQuery),
      request(`/matomo.php?url=${encoded(path)}`),
      ...(read.compiled.source.endsWith('*$') || queryText !== '' || read.compiled.source.endsWith(')?$')
        ? []
        : [request(`${encoded(path)}q`)]),
    ],
  };
}

function examplesOfAgent({ signature: { pattern }, compiled }: ReadSignature): Examples {
  const isWhole = pattern.startsWith('=');
  const name = isWhole ? pattern.slice(1) : pattern;
  const agent = (userAgent: string) => requestFor('/', { userAgent });
  return {
    hostile: isWhole
      ? [agent(name), agent(name.toUpperCase())]
      : [agent(name), agent(`${BROWSER} ${name}/1.0`)],
    ordinary: [
      agent(`Mozilla/5.0 ${name}r`),
      agent(`Mozilla/5.0 x${name}r`),
      agent(broken(name, compiled.word)),
      requestFor(`/${encoded(name)}`),
    ],
  };
}

/** A payload may match in a path, in a whole parameter, in its value, or in its value with the preceding sign. */
function inTarget(text: string): JudgedRequest[] {
  const payload = encoded(text);
  return [`/a?x=${payload}`, `/a?${payload}`, `/a?x${payload}`, payload.replace(/^\/?/, '/')].map((target) =>
    requestFor(target),
  );
}

const inPath = (text: string): JudgedRequest[] => [requestFor(encoded(text))];

function inHeader(text: string): JudgedRequest[] {
  return [requestFor('/', { userAgent: text }), requestFor('/', { referer: text })];
}

/** The text with a letter inserted in the middle of the word. */
function broken(text: string, word: string): string {
  const at = text.toLowerCase().indexOf(word) + Math.ceil(word.length / 2);
  return `${text.slice(0, at)}q${text.slice(at)}`;
}

export function encoded(text: string): string {
  return text.replace(/[^\w/.~=&:;,!()@-]/g, (char) => {
    return `%${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}
