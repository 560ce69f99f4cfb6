import { batchOptions, FAILED } from '../active-response/backend/route-commands.ts';
import type { Command } from '../base/execute.ts';
import type { Dialogue } from './persistent-process.ts';

/** `nft -i` reads lines. Each line is one transaction. nft writes nothing before it has read the whole line. */
export const NFT: Dialogue = {
  args: ['-i'],
  longest: 32 * 1024,
  answersOn: 'stderr',
  linesOf: (script) => script.trim().replaceAll('\n', '; '),
  answerIn(text, mark) {
    const end = text.indexOf(`${mark}\n`);
    // After a wrong line nft prints another line that points at the error.
    return end !== -1 && /\^\n$/.test(text) ? text.slice(0, text.lastIndexOf('Error:', end)) : undefined;
  },
};

/** The script that a command gives to nft; undefined for any other command. */
export const nftScript = ({ args, input }: Command): string | undefined =>
  args.join(' ') === '-f -' ? input : undefined;

/** `ip -batch` reads lines. If a line fails, ip prints the line's number and continues. */
export const ip = (family: 4 | 6): Dialogue => ({
  args: batchOptions(family),
  longest: LONGEST,
  answersOn: 'both',
  linesOf: (script) => script.trim(),
  answerIn(text, mark, before) {
    const end = text.search(new RegExp(`^.*\\b${mark}\\b.*\nCommand failed -:\\d+\n$`, 'm'));
    if (end === -1) return undefined;
    // Number the lines as an ip that runs only this script would.
    return text
      .slice(0, end)
      .replace(FAILED, (_, number: string) => `Command failed -:${Number(number) - before}`);
  },
});

/**
 * ip answers line by line, and blocks when its output FIFO is full. A FIFO holds 64 KiB. But in a container, whose root
 * is unprivileged, a FIFO holds only a page or two once a thousand pipes exist. ip reads one more page ahead.
 */
const LONGEST = 8000;

/** The failed lines and the reasons: ip's output and its messages come through one FIFO, in order. */
export const complaintsIn = (text: string): [why: string, which: string][] =>
  [...text.matchAll(/^(?:(.*)\n)?(Command failed -:\d+)$/gm)].map(([, why = '', which = '']) => [why, which]);

/** The script that a command gives to ip, and its family; undefined for any other command. */
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

/**
 * The changes that a persistent ip makes. It makes no listings: they need JSON, which ip prints only when it is started
 * with other options.
 */
const CHANGES = new Set(['add', 'del', 'replace']);
