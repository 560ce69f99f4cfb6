import { percentDecoded, unicodeDecoded, withoutLookalikes, withoutOverlong } from './percent.ts';

/** A parameter of a query. */
export interface QueryParameter {
  /** `name=value`, decoded up to twice, in lower case; a piece without `=` unchanged. */
  readonly text: string;
  /** True if people type words into it: q, s, query, search, keyword, term and similar names. */
  readonly isSearch: boolean;
}

/** No visitor sends more parameters. The rest counts as one text, the decoded query. */
const MOST = 100;

/**
 * @param query without the reader's escapes
 * @param isOfTracker true if a parameter may hold the address or the title of another site's page
 */
export function parametersOf(query: string, isOfTracker = false): readonly QueryParameter[] {
  return query.split('&', MOST).map((piece) => {
    const text = queryDecoded(piece);
    return { text, isSearch: isSearchName(text) || (isOfTracker && PAGE.test(text)) };
  });
}

/** A page's address or title, which a tracker's script sends. */
const PAGE = /^(?:[\w-]{1,20}=https?:|action_name=|title=|dt=)/;

/** A query, or a piece of one, decoded up to twice, in lower case, `+` as a space. */
export function queryDecoded(query: string): string {
  const once = withoutOverlong(percentDecoded(query.replaceAll('+', ' ')));
  return unicodeDecoded(withoutLookalikes(withoutOverlong(percentDecoded(once)))).toLowerCase();
}

/** The name is the text before `=`; in `filter[search]` or `tx_search_pi1[sword]`, the text in the last brackets. */
function isSearchName(text: string): boolean {
  const end = text.indexOf('=');
  if (end < 1 || end > LONGEST_NAME) return false;
  const name = text.slice(0, end);
  if (SEARCH_NAMES.has(name) || SEARCH_WORDS.test(name)) return true;
  const [, last] = /\[([^[\]]*)\]$/.exec(name) ?? [];
  return last !== undefined && SEARCH_NAMES.has(last);
}

const LONGEST_NAME = 60;

const SEARCH_NAMES: ReadonlySet<string> = new Set([
  'as_q',
  'criteria',
  'find',
  'k',
  'kw',
  'kwd',
  'lookup',
  'needle',
  'phrase',
  'q',
  'qs',
  'qt',
  's',
  'srch',
  'sword',
  'swords',
  'term',
  'terms',
  'wd',
  'word',
  'words',
  '_nkw',
]);

/** Parts of names: `searchword`, `search_api_fulltext`, `field-keywords`, `searchTerm`, `query`; not `queryString`. */
const SEARCH_WORDS = /search|keyword|query(?!string)|fulltext|term$/;
