import type { Io } from '../base/io.ts';

/** True when a person can answer questions. */
export const canAsk = (io: Io): boolean => process.stdin.isTTY === true && io.isTerminal;

/** Asks a question on the terminal, for yes or no. @returns false without a terminal, and for any answer but y or yes */
export async function asksYes(question: string, io: Io): Promise<boolean> {
  if (!canAsk(io)) return false;
  io.err(`${question} [y/N] `);
  // canAsk() is true only for the process's own terminal. The stream stays open for a later question.
  for await (const answer of process.stdin.iterator({ destroyOnReturn: false })) {
    io.err(''); // the answer has ended the line
    return /^y(es)?\s*$/i.test(answer.toString());
  }
  return false;
}
