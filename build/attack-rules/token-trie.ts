/** Pieces of a pattern, each a regular expression by itself. */
export type Tokens = readonly string[];

interface TrieNode {
  readonly branches: Map<string, TrieNode>;
  isEnd: boolean;
}

/**
 * Merges many patterns into one regular expression, which contains each common beginning once.
 *
 * @param endings pieces with which many patterns end; the result contains each of them once
 */
export function merged(patterns: readonly Tokens[], endings: readonly string[] = []): string {
  const ofEnding = endings.map((ending) => {
    const own = patterns
      .filter((pattern) => pattern.at(-1) === ending)
      .map((pattern) => pattern.slice(0, -1));
    return own.length === 0 ? [] : [written(trieOf(own), true) + ending];
  });
  const others = patterns.filter((pattern) => !endings.includes(pattern.at(-1) ?? ''));
  const all = [...ofEnding.flat(), ...(others.length === 0 ? [] : [written(trieOf(others), false)])];
  return all.length === 1 ? (all[0] ?? '') : `(?:${all.join('|')})`;
}

function trieOf(patterns: readonly Tokens[]): TrieNode {
  const root = newNode();
  for (const pattern of patterns) add(root, pattern);
  return root;
}

/**
 * Distributes patterns over few expressions, none of them longer than `longest`.
 *
 * @throws Error if one pattern alone is longer
 */
export function chunked(
  patterns: readonly Tokens[],
  longest: number,
  endings: readonly string[] = [],
): string[] {
  const sorted = [...patterns].sort((a, b) => (a.join('') < b.join('') ? -1 : 1));
  const chunks: string[] = [];
  let taken: Tokens[] = [];
  for (const pattern of sorted) {
    if (merged([...taken, pattern], endings).length > longest) {
      if (taken.length === 0) throw new Error(`the pattern ${pattern.join('')} is too long for a rule`);
      chunks.push(merged(taken, endings));
      taken = [];
    }
    taken.push(pattern);
  }
  return taken.length === 0 ? chunks : [...chunks, merged(taken, endings)];
}

const newNode = (): TrieNode => ({ branches: new Map(), isEnd: false });

function add(root: TrieNode, pattern: Tokens): void {
  let node = root;
  for (const token of pattern) {
    let next = node.branches.get(token);
    if (next === undefined) {
      next = newNode();
      node.branches.set(token, next);
    }
    node = next;
  }
  node.isEnd = true;
}

/**
 * @param isFollowed whether an ending follows. If none follows, a pattern that begins with a shorter pattern adds
 * nothing to the shorter pattern
 */
function written({ branches, isEnd }: TrieNode, isFollowed: boolean): string {
  if (branches.size === 0 || (isEnd && !isFollowed)) return '';
  const options = [...branches].map(([token, node]) => token + written(node, isFollowed));
  if (isEnd) return `(?:${options.join('|')})?`;
  return options.length === 1 ? (options[0] ?? '') : `(?:${options.join('|')})`;
}
