import { writeSync } from 'node:fs';
import { RiposteError } from '../../base/errors.ts';
import { type LineReader, LONGEST_LINE } from './line-reader.ts';
import { type Protocol, protocolOf, type Source } from './request.ts';

/** execd's reply about a key: continue, or abort because the key is blocked already; or no reply at all. */
export type ManagerReply = 'continue' | 'abort' | 'silence';

/** The time to wait for execd, in milliseconds. It answers at once or never. */
export const PATIENCE = 5000;

/** The maximum length of execd's answer, which repeats its message with another command. */
const LONGEST_ANSWER = 2 * LONGEST_LINE;

/** The protocols whose manager has to agree before a block. */
const HAS_HANDSHAKE: Readonly<Record<Protocol, boolean>> = { ossec: false, wazuh4: true, wazuh5: true };

/** True if a request's source has to agree before a block. */
export const shakesHands = (source: Source | undefined): boolean => HAS_HANDSHAKE[protocolOf(source)];

/**
 * Performs Wazuh's check_keys handshake: writes one line to stdout and reads one line. Nothing else may ever be
 * written to stdout: execd would take an earlier output for that line, and closes the pipe after one line.
 *
 * Treats an unreadable answer as silence, because it contains the alert, half of which an attacker wrote.
 *
 * @param name the script's file name
 * @param key the address in canonical form
 */
export async function checkKeys(name: string, key: string, reader: LineReader): Promise<ManagerReply> {
  try {
    writeSync(1, `${questionOf(name, key)}\n`);
  } catch {
    return 'silence'; // execd has ended (EPIPE)
  }
  try {
    return managerReplyIn(await reader.next(PATIENCE, LONGEST_ANSWER));
  } catch (error) {
    if (error instanceof RiposteError) return 'silence'; // too long, or standard input failed
    throw error;
  }
}

/** The line that asks whether to act on a key. */
export const questionOf = (name: string, key: string): string =>
  JSON.stringify({
    version: 1,
    origin: { name, module: 'active-response' },
    command: 'check_keys',
    parameters: { keys: [key] },
  });

/** Parses a manager's reply line. */
export function managerReplyIn(line: string | undefined): ManagerReply {
  try {
    const { command } = JSON.parse(line ?? '');
    return command === 'continue' || command === 'abort' ? command : 'silence';
  } catch {
    return 'silence';
  }
}
