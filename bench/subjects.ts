import { closeSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import type { Installation } from '../test/lab/installation.ts';
import { ossec, wazuh4 } from '../test/lab/managers.ts';
import type { Run } from './measure.ts';

/** A different address for each number, from the range for benchmarks (RFC 2544). */
export const address = (number: number): string => `198.18.${(number >> 8) & 255}.${number & 255}`;

/** An add by one of our scripts, as OSSEC's execd runs it. */
export function ours(at: Installation, response: string, target: string, ...flags: string[]): Run {
  return { words: [at.node, at.script(response), ...flags, ...ossec('add', target)] };
}

/**
 * An add by a stock program. OSSEC's scripts take arguments. Wazuh's binaries read a message from standard input, and
 * then execd's reply, which follows immediately.
 */
export function stock(file: string, target: string): Run {
  if (!isBinary(file)) return { words: [file, ...ossec('add', target)] };
  const message = wazuh4('add', target, [], basename(file));
  const answer = `{"version":1,"origin":{"name":"${basename(file)}","module":"wazuh-execd"},"command":"continue","parameters":{}}`;
  return { words: [file], input: `${message}${answer}\n` };
}

function isBinary(file: string): boolean {
  const fd = openSync(file, 'r');
  const magic = Buffer.alloc(4);
  readSync(fd, magic);
  closeSync(fd);
  return magic.toString('latin1') === '\x7fELF';
}
