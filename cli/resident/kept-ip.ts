import type { Command } from '../../active-response/backend/execute.ts';
import { batchOptions, FAILED } from '../../active-response/backend/route-commands.ts';
import type { Speech } from './kept-program.ts';

/** `ip -batch`, which reads lines, goes on after one that fails, and says its number. */
export const ip = (family: 4 | 6): Speech => ({
  args: batchOptions(family),
  longest: LONGEST,
  speaksOn: 'both',
  linesOf: (script) => script.trim(),
  answerIn(text, mark, before) {
    const end = text.search(new RegExp(`^.*\\b${mark}\\b.*\nCommand failed -:\\d+\n$`, 'm'));
    if (end === -1) return undefined;
    // As one that was started for this script would count.
    return text
      .slice(0, end)
      .replace(FAILED, (_, number: string) => `Command failed -:${Number(number) - before}`);
  },
});

/**
 * It answers line by line, and waits where nobody reads. A pipe holds 64 KiB, but a page or two where root's processes
 * have a thousand pipes and this one has few privileges, as in a container; another page ip reads at once.
 */
const LONGEST = 8000;

/** Why lines have failed, and which: what it says and what it complains of come by one way, in their order. */
export const complaintsIn = (text: string): [why: string, which: string][] =>
  [...text.matchAll(/^(?:(.*)\n)?(Command failed -:\d+)$/gm)].map(([, why = '', which = '']) => [why, which]);

/** What a command has ip carry out, and for which family; undefined where that is something else. */
export function ipScript({
  args,
  input,
}: Command): { family: 4 | 6; script: string; isBatch: boolean } | undefined {
  const [option, ...words] = args;
  const family = option === '-4' ? 4 : option === '-6' ? 6 : undefined;
  if (family === undefined) return undefined;
  if (args.join(' ') === batchOptions(family).join(' '))
    return { family, script: input ?? '', isBatch: true };
  const isChange = words[0] === 'route' && CHANGES.has(words[1] ?? '');
  return isChange && words.every((word) => /^[\w.:/]+$/.test(word))
    ? { family, script: words.join(' '), isBatch: false }
    : undefined;
}

/** A listing is JSON, which another kind of ip prints. */
const CHANGES = new Set(['add', 'del', 'replace']);
