import type { Event } from './engine.ts';

type Detection = Readonly<Record<string, unknown>>;

/** `query` matches as the rule's Lucene query does, and `logtest` as the indexer's test does. */
export type Matcher = 'query' | 'logtest';

/**
 * True if an event matches a rule in Wazuh 5's Sigma form. In a query, a regular expression must match the whole field.
 * In a test, it may match any part of the field (wazuh-indexer-security-analytics 5.0.1: OSQueryBackend, EventMatcher).
 *
 * @throws Error for a form that the two engines read in different ways
 */
export function matchesRule(
  rule: Readonly<Record<string, unknown>>,
  event: Event,
  matcher: Matcher,
): boolean {
  const { condition, ...selections } = rule.detection as Detection & { condition: string };
  const expression = condition.replace(/\w+/g, (word) => {
    if (['and', 'or', 'not'].includes(word)) return { and: '&&', or: '||', not: '!' }[word] as string;
    if (!(word in selections)) throw new Error(`no selection ${word}`);
    return String(selected(selections[word], event, matcher));
  });
  if (!/^[a-z&|! ()]+$/.test(expression)) throw new Error(`no condition: ${condition}`);
  return Function(`return ${expression}`)();
}

function selected(selection: unknown, event: Event, matcher: Matcher): boolean {
  if (Array.isArray(selection)) return selection.some((one) => selected(one, event, matcher));
  return Object.entries(selection as Detection).every(([key, wanted]) => {
    const [field = '', modifier, ...more] = key.split('|');
    if (more.length > 0) throw new Error(`more than one modifier: ${key}`);
    const values = Array.isArray(wanted) ? wanted : [wanted];
    return values.some((value) => holds(event[field], modifier, String(value), matcher));
  });
}

function holds(own: unknown, modifier: string | undefined, value: string, matcher: Matcher): boolean {
  if (own === undefined) return false;
  const expression = expressionOf(modifier, value, matcher);
  return (Array.isArray(own) ? own : [own]).some((one) => expression.test(String(one)));
}

const cache = new Map<string, RegExp>();

function expressionOf(modifier: string | undefined, value: string, matcher: Matcher): RegExp {
  const key = `${matcher} ${modifier} ${value}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const made = compiled(modifier, value, matcher);
  cache.set(key, made);
  return made;
}

function compiled(modifier: string | undefined, value: string, matcher: Matcher): RegExp {
  if (modifier === undefined) return new RegExp(`^${wildcards(value)}$`, 's');
  if (modifier === 'contains') return new RegExp(wildcards(value), 's');
  if (modifier !== 're') throw new Error(`no modifier ${modifier}`);
  // In the query, Wazuh doubles each `\` and replaces each space by a word, and a `/` ends the expression.
  if (/[\\/ ]/.test(value)) throw new Error(`an expression with a backslash, a slash or a space: ${value}`);
  // Refuse characters that only Lucene reads as operators (outside of a class), and two texts that only Java reads as
  // operators (inside of a class): `[` and `&&`.
  const outside = value.replace(/\[\^?[^\]]*\]/g, '');
  if (/[&@#~<>"]|\(\?|\$|\^/.test(outside)) throw new Error(`Lucene reads it otherwise: ${value}`);
  if (/\[[^\]]*(?:\[|&&)/.test(value)) throw new Error(`Java reads it otherwise: ${value}`);
  return new RegExp(matcher === 'query' ? `^(?:${value})$` : value, 's');
}

/** Returns the regular expression for a text of Sigma: `*` and `?` are wildcards, unless a `\` precedes them. */
const wildcards = (value: string): string =>
  value.replace(/\\([*?\\])|[\s\S]/g, (all, escaped: string | undefined) => {
    if (escaped !== undefined) return `\\${escaped}`;
    if (all === '*') return '.*';
    return all === '?' ? '.' : all.replace(/[.+^${}()|[\]\\/-]/, '\\$&');
  });
