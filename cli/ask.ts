import type { Io } from '../base/io.ts';

/** Asks a question on the terminal, for yes or no. @returns false without a terminal, and for any answer but y or yes */
export async function asksYes(question: string, io: Io): Promise<boolean> {
  if (!process.stdin.isTTY || !io.isTerminal) return false;
  io.err(`${question} [y/N] `);
  for await (const answer of io.stdin) return /^y(es)?\s*$/i.test(answer.toString());
  return false;
}
