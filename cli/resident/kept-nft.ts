import type { Command } from '../../active-response/backend/execute.ts';
import type { Speech } from './kept-program.ts';

/** `nft -i`, which reads lines; one line is one transaction. It says nothing before it has read that. */
export const NFT: Speech = {
  args: ['-i'],
  longest: 32 * 1024,
  speaksOn: 'stderr',
  linesOf: (script) => script.trim().replaceAll('\n', '; '),
  answerIn(text, mark) {
    const end = text.indexOf(`${mark}\n`);
    // Behind the line that is wrong comes one that points at it.
    return end !== -1 && /\^\n$/.test(text) ? text.slice(0, text.lastIndexOf('Error:', end)) : undefined;
  },
};

/** The script that a command has nft carry out; undefined where that is something else. */
export const nftScript = ({ args, input }: Command): string | undefined =>
  args.join(' ') === '-f -' ? input : undefined;
