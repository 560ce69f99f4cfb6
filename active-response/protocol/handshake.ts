import { writeSync } from 'node:fs';
import type { LineReader } from './line-reader.ts';

/** execd's word on a key: act, or leave it because the key is blocked already; or no word at all. */
export type Answer = 'continue' | 'abort' | 'silence';

/** How long execd may think, in milliseconds. It answers at once or never will. */
export const PATIENCE = 5000;

/**
 * Wazuh's check_keys handshake: one line on stdout, one line back. Nothing else may ever be written to
 * stdout: any other first line counts as the answer, and afterwards execd has closed its end.
 *
 * @param name the script's file name @param key the address in its one way to be written
 */
export async function checkKeys(name: string, key: string, reader: LineReader): Promise<Answer> {
  try {
    writeSync(1, `${questionOf(name, key)}\n`);
  } catch {
    return 'silence'; // execd is gone (EPIPE)
  }
  const line = await reader.next(PATIENCE);
  return answerIn(line);
}

/** The line that asks whether to act on a key. */
export const questionOf = (name: string, key: string): string =>
  JSON.stringify({
    version: 1,
    origin: { name, module: 'active-response' },
    command: 'check_keys',
    parameters: { keys: [key] },
  });

/** What a manager's line says. */
export function answerIn(line: string | undefined): Answer {
  try {
    const { command } = JSON.parse(line ?? '');
    return command === 'continue' || command === 'abort' ? command : 'silence';
  } catch {
    return 'silence';
  }
}
