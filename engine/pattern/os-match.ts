import { oneByte, withBothCases } from './byte-set.ts';
import type { Node } from './syntax.ts';

/** Parses an OS_Match: literal alternatives separated by `|`, where `^` and `$` are edges; case-insensitive. */
export function parseOsMatch(text: string): Node {
  const options = text.split('|').map(
    (alternative): Node => ({
      kind: 'sequence',
      items: [...alternative].map(toNode),
    }),
  );
  return options.length === 1 && options[0] ? options[0] : { kind: 'choice', options };
}

function toNode(char: string): Node {
  if (char === '^') return { kind: 'edge', at: 'start' };
  if (char === '$') return { kind: 'edge', at: 'end' };
  return { kind: 'byte', set: withBothCases(oneByte(char.charCodeAt(0))) };
}
