import { writeSync } from 'node:fs';
import { inspect } from 'node:util';
import { printable } from './printable.ts';

/** The maximum length of a line, in characters. */
const LONGEST = 2000;

let isOn = Boolean(process.env.RIPOSTE_DEBUG);

/** True if RIPOSTE_DEBUG is set, or --debug was given. */
export const isDebugging = (): boolean => isOn;

/** Turns debugging on in this process, and in the threads and programs that it starts later. */
export function startDebugging(): void {
  isOn = true;
  process.env.RIPOSTE_DEBUG = '1';
}

/**
 * Prints a step on standard error, if debugging is on.
 *
 * @param text called only if debugging is on: otherwise a step costs only this call
 */
export function debug(step: string, text: () => unknown): void {
  if (isOn) printStep(step, text());
}

/** Prints an error with its stack and its causes, if debugging is on. */
export function debugError(error: unknown): void {
  if (isOn) printStep('error', inspect(error));
}

/** Never throws, and never writes to standard output, which a manager reads. */
function printStep(step: string, what: unknown): void {
  const text = typeof what === 'string' ? what : inspect(what, { breakLength: Infinity });
  const time = Math.round(process.uptime() * 1000);
  try {
    // An attacker may have written a log's text, so this escapes control characters.
    for (const line of text.split('\n'))
      writeSync(2, `riposte debug: ${time} ms: ${step}: ${printable(line, LONGEST)}\n`);
  } catch {
    // Standard error is closed or full.
  }
}
