import type { SignatureList } from '../../judgement/signatures/read-list.ts';
import { REQUESTS } from './gates.ts';
import { literal } from './raw-pattern.ts';
import type { Rule } from './rule-xml.ts';
import { merged, type Tokens } from './token-trie.ts';

/**
 * Matches status, size, referer and the quote before the user agent, so that a tool's name in the URL or in the referer
 * does not count.
 */
const BEFORE_AGENT = '" \\d{3} (?:\\d+|-) "(?:[^"\\\\]|\\\\.)*+" "';
const BEGINS_WORD = '(?:[^"]*[^a-z0-9"])?';
const ENDS_WORD = '(?![a-z0-9])';

/** The rule on attack tools that give their name. */
export function scannerRule({ signatures }: SignatureList): Rule {
  const agents = signatures.filter(
    ({ signature: { kind, class: found } }) => kind === 'agent' && found === 'unmistakable',
  );
  const tokens = agents.map(({ signature }) => agentTokens(signature.pattern));
  return {
    id: 117040,
    level: 10,
    parents: REQUESTS,
    elements: [['pcre2', `${BEFORE_AGENT}${merged(tokens)}`]],
    description: 'Attack tool: a scanner by its user agent.',
    groups: ['web_scan', 'recon', 'attack'],
  };
}

/** A word of the user agent; `=TEXT` is the whole user agent. */
function agentTokens(pattern: string): Tokens {
  const isWhole = pattern.startsWith('=');
  const letters = [...pattern.slice(isWhole ? 1 : 0)].map((letter) => literal(letter.charCodeAt(0)));
  return isWhole ? [...letters, '"'] : [BEGINS_WORD, ...letters, ENDS_WORD];
}
