import type { Json } from '../../install/wazuh5/yaml.ts';
import type { PathException, ReadSignature, SignatureList } from '../../judgement/signatures/read-list.ts';
import { pathValues } from './sigma-path.ts';
import { type SigmaPattern, sigmaPattern, sigmaText } from './sigma-pattern.ts';
import { type Detection, type SigmaRule, sigmaRule } from './sigma-rule.ts';

/** The maximum number of values in one rule: each value is a clause of a query, and an indexer allows 1,024 clauses. */
const MOST_VALUES = 400;

/** The rules on unmistakable requests, and the lines of the list that Sigma's form cannot express. */
export interface RequestRules {
  readonly rules: readonly SigmaRule[];
  /** `KIND PATTERN` of each line of the list that has no rule. */
  readonly leftOut: readonly string[];
}

/** Rules from the list of attacks, on requests of which a single one causes a block. */
export function requestRules({ signatures, exceptions }: SignatureList): RequestRules {
  const unmistakable = signatures.filter(({ signature }) => signature.class === 'unmistakable');
  const of = (kind: string, isSevere?: boolean) =>
    unmistakable.filter(
      ({ signature }) =>
        signature.kind === kind && (isSevere === undefined || signature.isSevere === isSevere),
    );
  const paths = of('path');
  const isSecret = ({ signature }: ReadSignature) => signature.isSecret;
  const isSevere = ({ signature }: ReadSignature) => signature.isSevere;
  const others = paths.filter((path) => !isSecret(path) && !isSevere(path));
  const leftOut: string[] = [];
  const patternsOf = (lines: readonly ReadSignature[]) =>
    lines.flatMap(({ signature: { kind, pattern } }) => {
      const found = sigmaPattern(pattern);
      if (found === undefined) leftOut.push(`${kind} ${pattern}`);
      return found === undefined ? [] : [{ ...found, isForPath: pattern.startsWith('^/') }];
    });
  const everywhere = patternsOf(of('everywhere'));
  const headers = patternsOf(of('header'));
  const severe = patternsOf(of('payload', true));
  const payloads = patternsOf(of('payload', false));
  const allowed = allowedPaths(exceptions);
  return {
    rules: [
      ...pathRules('a file that holds secrets', 'high', paths.filter(isSecret), allowed),
      ...pathRules('an exploit that takes a server over', 'critical', paths.filter(isSevere), allowed),
      ...pathRules('a known hole in a product', 'high', others, allowed),
      payloadRule('a payload that takes a server over', 'critical', severe),
      payloadRule('a payload', 'high', payloads),
      anywhereRule(everywhere, headers),
      toolRule(of('agent')),
    ],
    leftOut,
  };
}

/** The decoder's mark for a request that no page of another site can have caused. */
const UNLED: Detection = { 'event.dataset': 'riposte-access', 'event.action': 'http-request' };

const RECONNAISSANCE = { tactic: ['TA0043'], technique: ['T1595'], subtechnique: [] };
const EXPLOIT = { tactic: ['TA0001'], technique: ['T1190'], subtechnique: [] };

type Level = 'high' | 'critical';

/** Rules for paths: lists of at most MOST_VALUES, and combinations of a path with a method or a text of the query. */
function pathRules(
  what: string,
  level: Level,
  lines: readonly ReadSignature[],
  allowed: readonly string[],
): SigmaRule[] {
  const read = lines.map(({ signature }) => partsOf(signature.pattern));
  const plain = read.filter(({ method, text }) => method === undefined && text === undefined);
  const combined = read.filter(({ method, text }) => method !== undefined || text !== undefined);
  const values = [...new Set(plain.flatMap(({ path }) => pathValues(path)))].sort();
  const chunks = chunksOf(values, MOST_VALUES);
  return chunks.map((chunk, index) => {
    const own = index === 0 ? combined.map(combinedDetection) : [];
    return sigmaRule({
      title: `Riposte: a request for ${what}${chunks.length > 1 ? ` (${index + 1})` : ''}`,
      description: 'The path alone is enough, with any answer.',
      level,
      detection: {
        condition: `request and ${own.length > 0 ? '(path or combined)' : 'path'} and not allowed`,
        request: UNLED,
        path: { 'url.path': chunk },
        ...(own.length > 0 ? { combined: own } : {}),
        allowed: { 'url.path': allowed },
      },
      mitre: RECONNAISSANCE,
    });
  });
}

/** `[METHOD ]PATH[?TEXT]`. */
function partsOf(pattern: string): { method?: string | undefined; path: string; text?: string | undefined } {
  const [, method, path = '', text] = /^(?:([A-Z]+) )?([^?]*)(?:\?(.*))?$/.exec(pattern) ?? [];
  return { method, path, text };
}

function combinedDetection({ method, path, text }: ReturnType<typeof partsOf>): Detection {
  return {
    ...(method === undefined ? {} : { 'http.request.method': method }),
    ...(path === '**' ? {} : { 'url.path': pathValues(path) }),
    ...(text === undefined ? {} : { 'url.query|contains': sigmaText(text) }),
  };
}

/**
 * The paths of exceptions, where no path of the list counts. Leaves exceptions with a method or a text to riposte
 * serve.
 */
const allowedPaths = (exceptions: readonly PathException[]): string[] =>
  exceptions
    .map(({ pattern }) => partsOf(pattern))
    .filter(({ method, text }) => method === undefined && text === undefined)
    .flatMap(({ path }) => pathValues(path))
    .sort();

type PlacedPattern = SigmaPattern & { readonly isForPath: boolean };

/** A payload in the path, or in a query without a search. In a search, a person may have typed the payload. */
const payloadRule = (what: string, level: Level, patterns: readonly PlacedPattern[]): SigmaRule =>
  sigmaRule({
    title: `Riposte: ${what} in a URL`,
    description:
      'A payload in the path or in a parameter. A query with a search in it is left to riposte serve.',
    level,
    detection: {
      condition: 'request and (path or (query and not search))',
      request: UNLED,
      path: anyIn(['url.path'], patterns),
      query: anyIn(
        ['url.query'],
        patterns.filter(({ isForPath }) => !isForPath),
      ),
      search: { 'url.query': SEARCHES },
    },
    mitre: EXPLOIT,
  });

/**
 * Payloads that no person types anywhere, and payloads of headers. If a page of another site can have caused a request,
 * the rule does not check the referer: it is the URL of that page, and the page's owner chooses its text.
 */
const anywhereRule = (everywhere: readonly PlacedPattern[], headers: readonly PlacedPattern[]): SigmaRule =>
  sigmaRule({
    title: 'Riposte: an exploit in URL, referer or user agent',
    description: 'A payload that counts wherever it is, such as a Log4j lookup.',
    level: 'critical',
    detection: {
      condition: '(request and (url or referer)) or (any and agent)',
      request: UNLED,
      any: { 'event.dataset': 'riposte-access' },
      url: anyIn(['url.path', 'url.query'], everywhere),
      referer: anyIn(['http.request.referrer'], [...everywhere, ...headers]),
      agent: anyIn(['user_agent.original'], [...everywhere, ...headers]),
    },
    mitre: EXPLOIT,
  });

function toolRule(agents: readonly ReadSignature[]): SigmaRule {
  const patterns = agents.map(({ signature: { pattern } }) => pattern);
  const whole = patterns.filter((pattern) => pattern.startsWith('=')).map((pattern) => pattern.slice(1));
  const words = patterns.filter((pattern) => !pattern.startsWith('='));
  return sigmaRule({
    title: 'Riposte: an attack tool by its user agent',
    description: 'A scanner that gives its name.',
    level: 'high',
    detection: {
      condition: 'any and (whole or word)',
      any: { 'event.dataset': 'riposte-access' },
      whole: { 'user_agent.original': whole.map(sigmaText) },
      word: { 'user_agent.original|re': words.map(wordExpression) },
    },
    mitre: RECONNAISSANCE,
  });
}

/** An expression for a word of the user agent that has no letter or digit next to it. */
function wordExpression(word: string): string {
  const found = sigmaPattern(`(?:^|[^a-z0-9])${word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![a-z0-9])`);
  if (found === undefined) throw new Error(`the user agent ${word} cannot be expressed in Sigma`);
  return found.value;
}

/** Any of the patterns in any of the fields, as a list of alternatives. */
function anyIn(fields: readonly string[], patterns: readonly SigmaPattern[]): Json {
  const modifiers = ['contains', 're'] as const;
  return fields.flatMap((field) =>
    modifiers.flatMap((modifier) => {
      const values = [
        ...new Set(patterns.filter((pattern) => pattern.modifier === modifier).map(({ value }) => value)),
      ];
      return values.length === 0 ? [] : [{ [`${field}|${modifier}`]: values }];
    }),
  );
}

/** Queries with a parameter for words that people type, as in judgement/target/parameters.ts. */
const SEARCHES: readonly string[] = [
  ...['as_q', 'criteria', 'find', 'k', 'kw', 'kwd', 'lookup', 'needle', 'phrase', 'q', 'qs', 'qt', 's'],
  ...['srch', 'sword', 'swords', 'terms', 'wd', 'word', 'words', '_nkw'],
]
  .flatMap((name) => [`${name}=*`, `*&${name}=*`, `*[${name}]=*`])
  .concat(
    ['search', 'keyword', 'query', 'fulltext'].map((word) => `*${word}*=*`),
    '*term=*',
  );

const chunksOf = <T>(items: readonly T[], most: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / most) }, (_, index) =>
    items.slice(index * most, (index + 1) * most),
  );
