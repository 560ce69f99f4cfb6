import { sigmaText } from './sigma-pattern.ts';

/**
 * The endings of programs, as in judgement/signatures/patterns.ts: a web server runs a program with any path after its
 * name.
 */
const PROGRAM = /\.(?:php\d?|phtml|aspx?|ashx|asmx|jspx?|cfm|cfc|cgi|pl|py|sh|exe|dll)$/;

/**
 * The values for a path of the list. A Sigma rule compares them with the whole path. In the list, `*` matches within
 * one segment; in a Sigma rule, `*` matches any characters, also across segments.
 */
export function pathValues(path: string): string[] {
  const parts = path.split(/(\*\*\/|\/\*\*$|\*\*$|\*)/).filter((part) => part !== '');
  const values = parts.reduce<string[]>(
    (before, part, index) =>
      before.flatMap((value) => textsOf(part, index === 0).map((text) => value + text)),
    [''],
  );
  if (parts.at(-1) !== '/**' && !PROGRAM.test(path)) return values;
  return values.flatMap((value) => [value, `${value}/*`]);
}

function textsOf(part: string, isFirst: boolean): readonly string[] {
  if (part === '**/') return isFirst ? ['*/'] : ['', '*/'];
  if (part === '/**') return [''];
  return [part.startsWith('*') ? '*' : sigmaText(part)];
}
