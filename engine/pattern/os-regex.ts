import { parsePcre2 } from './parse-pcre2.ts';
import { type Node, PatternError } from './syntax.ts';

/** OS_Regex's own classes, as src/os_regex/os_converter.c writes them in PCRE2. */
const CLASSES: Readonly<Record<string, string>> = {
  p: '[()*+,.:;\\<=>?\\[\\]!"\'#%&$|{}-]',
  s: '[ ]',
  W: '[^A-Za-z0-9@_-]',
  w: '[A-Za-z0-9@_-]',
  d: '[0-9]',
  D: '[^0-9]',
  S: '[^ ]',
  '.': '(?s:.)',
};

/** The characters that keep their meaning after a backslash. */
const KEPT = new Set(['t', '$', '(', ')', '{', '}', '[', ']', '\\', '|', '<']);

/** The longest pattern in bytes, as in os_regex.h. */
const MAX_LENGTH = 2048;

/**
 * Parses an OS_Regex: `\w \d \s \t \p \W \D \S \.` stand for classes, `+` and `*` repeat only such a class, every
 * other character stands for itself; case-insensitive.
 *
 * @throws PatternError for an unknown escape or a pattern of more than 2,048 bytes
 */
export function parseOsRegex(text: string): Node {
  if (text.length > MAX_LENGTH)
    throw new PatternError(`the pattern has ${text.length} bytes, over the limit of ${MAX_LENGTH}`);
  return parsePcre2(lastRepeatIsGreedy(toPcre2(text)), true);
}

function toPcre2(text: string): string {
  let pcre2 = '';
  for (let i = 0; i < text.length; i++) {
    const char = text[i] ?? '';
    const repeats = i >= 2 && text[i - 2] === '\\' && (char === '*' || char === '+');
    if (repeats) pcre2 += `${char}?`;
    else if (char === '\\') pcre2 += escaped(text[++i]);
    else if ('.[]{}+?*'.includes(char)) pcre2 += `\\${char}`;
    else pcre2 += char;
  }
  return pcre2;
}

function escaped(char: string | undefined): string {
  if (char === undefined) return '\\';
  const meaning = CLASSES[char];
  if (meaning) return meaning;
  if (!KEPT.has(char)) throw new PatternError(`\\${char} is not an escape of OS_Regex`);
  return `\\${char}`;
}

/** Makes the last repeat before a `|`, a `$` or the end greedy: OSSEC matches every other repeat lazily. */
function lastRepeatIsGreedy(pcre2: string): string {
  return pcre2.replace(/(?<!\\)([+*])\?(\)*(?:[|$]|$))/g, '$1$2');
}
