import { wordsOf } from './apache-directives.ts';

/** Options of rotatelogs(8) with a value. */
const WITH_VALUE = new Set(['-L', '-p', '-n']);

/** The destination of lines that Apache pipes into a program. */
export interface Piped {
  /** The file, or a pattern of the files; undefined if unknown. */
  readonly path: string | undefined;
  /** The program by its path. */
  readonly program: string;
}

/**
 * The destination of the lines that Apache pipes into a program. rotatelogs begins a file for each period, with the
 * time at the end of the file's name or in place of `%Y` and the like. The link of -L always leads to the current
 * file.
 *
 * @param command the text after `|`, `||` or `|$`
 */
export function pipedTo(command: string): Piped {
  const [program = '', ...words] = wordsOf(command);
  if (!/(^|\/)rotatelogs2?$/.test(program)) return { path: undefined, program };
  let [link, isTruncated, isNumbered] = ['', false, false];
  let at = 0;
  for (; words[at]?.startsWith('-'); at++) {
    const option = words[at] ?? '';
    const value = words[at + 1] ?? '';
    if (option === '-L') link = value;
    else if (option === '-n') isNumbered = true;
    else if (/^-[a-z]*t/i.test(option) && option.includes('t')) isTruncated = true;
    if (WITH_VALUE.has(option)) at++;
  }
  const file = words[at] ?? '';
  if (link !== '') return { path: link, program };
  if (file === '') return { path: undefined, program };
  if (file.includes('%')) return { path: file.replace(/(?:%[-_0^#]?[A-Za-z])+/g, '*'), program };
  // With -t, rotatelogs truncates the file, which keeps its name. With -n, it writes the file and its numbered forms
  // in turn.
  return { path: isTruncated ? file : isNumbered ? `${file}*` : `${file}.*`, program };
}
