import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** What OSSEC's alerts.log says of one alert. Texts are as they stand there: an attacker wrote half of them. */
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

/** The most that one alert takes there, in bytes: a log line of 6 KB, and those that it counted. */
const LONGEST = 64 * 1024;
/** How far back is searched where the offset does not help, in bytes. */
const TAIL = 1024 * 1024;

/**
 * Looks an alert up by its id, which is the time and the offset in alerts.log where it begins (`OS_Log` in
 * analysisd/alerts/log.c of OSSEC 4.3). Where that is not so, as the file has been rotated since, its end is searched.
 *
 * @param id such as `1795166136.16`
 * @returns undefined when it is not there, or the file is not ours to read: the alert is told of all the same
 */
export function findAlert(file: string, id: string): LoggedAlert | undefined {
  const offset = Number(/^\d+\.(\d+)$/.exec(id)?.[1] ?? Number.NaN);
  if (!Number.isSafeInteger(offset)) return undefined;
  try {
    // A pipe would wait for a writer.
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

/** The alert that a text begins with; undefined when it is another one. */
export function parseAlert(text: string, id: string): LoggedAlert | undefined {
  if (!text.startsWith(headOf(id))) return undefined;
  const [, where = '', rule = '', ...rest] = (text.split(/\n(?:\n|\*\* Alert )/)[0] ?? '').split('\n');
  const [, ruleId, level, description = ''] = /^Rule: (\d+) \(level (\d+)\) -> '(.*)'$/.exec(rule) ?? [];
  if (ruleId === undefined) return undefined;
  const fields = new Map<string, string>();
  // Each at most once and in this order, so that a log line that looks like one of them stays a log line.
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
