import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** An alert of OSSEC's alerts.log. The texts are not escaped: an attacker may have written them. */
export interface LoggedAlert {
  readonly ruleId: string;
  readonly ruleLevel: number;
  readonly description: string;
  /** `host->/var/log/x`, or `(agent) address->/var/log/x`. */
  readonly location: string;
  readonly address?: string | undefined;
  readonly user?: string | undefined;
  readonly log: readonly string[];
}

/** The longest alert in the file, in bytes: a log line of 6 KB, and the lines that the rule counted. */
const LONGEST = 64 * 1024;
/** The number of bytes to search at the end of the file if an alert's offset does not match. */
const TAIL = 1024 * 1024;

/**
 * Finds an alert by its id, which holds the time and the alert's offset in alerts.log (`OS_Log` in
 * analysisd/alerts/log.c of OSSEC). The offset does not match if the file was rotated, or if analysisd has several
 * threads and writes a number instead of the offset (OSSEC 4.3): then this function searches the end of the file.
 *
 * @param id such as `1795166136.16`
 * @returns undefined if the alert is not found or the file cannot be read; the message then lacks the alert's text
 */
export function findAlert(file: string, id: string): LoggedAlert | undefined {
  const offset = Number(/^\d+\.(\d+)$/.exec(id)?.[1] ?? Number.NaN);
  if (!Number.isSafeInteger(offset)) return undefined;
  try {
    // O_NONBLOCK: opening a pipe would wait for a writer.
    const fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return parseAlert(readAt(fd, offset, LONGEST), id) ?? searchTail(fd, id);
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined;
  }
}

function searchTail(fd: number, id: string): LoggedAlert | undefined {
  const start = Math.max(0, fstatSync(fd).size - TAIL);
  const text = `\n${readAt(fd, start, TAIL)}`;
  const found = text.lastIndexOf(`\n${headOf(id)}`);
  return found === -1 ? undefined : parseAlert(text.slice(found + 1), id);
}

const headOf = (id: string): string => `** Alert ${id}:`;

/** Parses the alert at the start of a text; undefined when it has another id. */
export function parseAlert(text: string, id: string): LoggedAlert | undefined {
  if (!text.startsWith(headOf(id))) return undefined;
  const [, where = '', rule = '', ...rest] = (text.split(/\n(?:\n|\*\* Alert )/)[0] ?? '').split('\n');
  const [, ruleId, level, description = ''] = /^Rule: (\d+) \(level (\d+)\) -> '(.*)'$/.exec(rule) ?? [];
  if (ruleId === undefined) return undefined;
  const fields = new Map<string, string>();
  // Accept each field at most once and in this order, so that a log line that looks like a field is not read as one.
  for (const name of FIELDS) {
    const value = rest[0]?.startsWith(`${name}: `) ? rest.shift()?.slice(name.length + 2) : undefined;
    if (value !== undefined) fields.set(name, value);
  }
  return {
    ruleId,
    ruleLevel: Number(level),
    description,
    location: /^\d{4} \w{3} \d\d \d\d:\d\d:\d\d (.*)$/.exec(where)?.[1] ?? where,
    address: fields.get('Src IP'),
    user: fields.get('User'),
    log: rest.filter((line) => line !== ''),
  };
}

const FIELDS = ['Src IP', 'Src Location', 'Src Port', 'Dst IP', 'Dst Location', 'Dst Port', 'User'];

function readAt(fd: number, position: number, length: number): string {
  const buffer = Buffer.alloc(length);
  return buffer.toString('utf8', 0, readSync(fd, buffer, 0, length, position));
}
