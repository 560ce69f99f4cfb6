import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { address } from '../subjects.ts';
import type { Label } from './labels.ts';

const DAY = 24 * 3600;
const START = Date.parse('2025-10-01T10:00:00Z') / 1000;
/** The seconds between the requests of a group of probes. */
const STEP = 20;

/** One source: an attacker, or an ordinary visitor. */
export interface Case {
  readonly name: string;
  readonly label: Label;
  /** Lines in the combined format. */
  readonly lines: readonly string[];
}

/** The cases kept beside the repository; undefined if there are none. */
export function sharedCases(): readonly Case[] | undefined {
  const directory = ['../shared/cases', '../../shared/cases'].find((path) => existsSync(path));
  if (directory === undefined) return undefined;
  return [...behaviours(join(directory, 'behaviours.jsonl')), ...requests(join(directory, 'requests.jsonl'))];
}

/**
 * Writes the cases as one log, in which each has its own address and its own day, so that no case changes the
 * verdict on another.
 *
 * @returns the labels by address
 */
export function writeCases(cases: readonly Case[], file: string): ReadonlyMap<string, Label> {
  const lines = cases.flatMap((each, i) => {
    const delay = START + i * DAY - timeOf(each.lines[0] ?? '');
    return each.lines.map((line) => {
      const rest = line.slice(line.indexOf(' ')).replace(TIME, (_, text) => `[${later(text, delay)}]`);
      return `${address(i + 1)}${rest}\n`;
    });
  });
  writeFileSync(file, lines.join(''));
  return new Map(cases.map(({ label }, i) => [address(i + 1), label]));
}

interface Behaviour {
  readonly name: string;
  readonly expect: 'blocked' | 'not blocked';
  readonly lines: readonly string[];
}

function behaviours(file: string): Case[] {
  return jsonLines<Behaviour>(file).map(({ name, expect, lines }) => ({
    name,
    label: expect === 'blocked' ? 'attacker' : 'ordinary',
    lines,
  }));
}

interface Request {
  readonly name: string;
  readonly request: string;
  readonly userAgent: string;
  readonly referer: string;
  readonly expect: 'first' | 'third' | 'never';
}

/**
 * A case of kind `first` is an attacker. A single case of kind `third` is ordinary. Three cases of kind `third` from
 * one source are an attacker.
 */
function requests(file: string): Case[] {
  const all = jsonLines<Request>(file);
  const alone = all.map((each): Case => {
    const label = each.expect === 'first' ? 'attacker' : 'ordinary';
    return { name: each.name, label, lines: linesOf([each]) };
  });
  const probes = all.filter(({ expect }) => expect === 'third');
  const groups = probes.flatMap((probe, i): Case[] => {
    const three = [probe, probes[(i + 7) % probes.length], probes[(i + 19) % probes.length]].flatMap(
      (each) => each ?? [],
    );
    return i % 3 === 0
      ? [{ name: `${probe.name} and two more`, label: 'attacker', lines: linesOf(three) }]
      : [];
  });
  return [...alone, ...groups];
}

const linesOf = (requests: readonly Request[]): string[] =>
  requests.map(({ request, referer, userAgent }, i) =>
    combinedLine({ user: '-', request, status: '404', size: '612', referer, userAgent }, START + i * STEP),
  );

/** The fields of a line in the combined format. */
interface LineFields {
  readonly user: string;
  /** The request line. */
  readonly request: string;
  readonly status: string;
  readonly size: string;
  readonly referer: string;
  readonly userAgent: string;
}

/** @param time seconds since 1970 */
export function combinedLine(fields: LineFields, time: number): string {
  const { user, request, status, size, referer, userAgent } = fields;
  const front = `203.0.113.7 - ${user} [${logTime(time)}] "${quoted(request)}"`;
  return `${front} ${status} ${size} "${quoted(referer)}" "${quoted(userAgent)}"`;
}

const quoted = (text: string): string => text.replace(/["\\]/g, (sign) => `\\${sign}`);

function jsonLines<T>(file: string): T[] {
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

const TIME = /\[(\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d) \+0000\]/;

/** Seconds since 1970. */
function timeOf(line: string): number {
  return secondsOf(TIME.exec(line)?.[1] ?? '');
}

/** @param text `10/Oct/2025:10:00:07`, in UTC */
const secondsOf = (text: string): number =>
  Date.parse(`${text.replace(':', ' ').replaceAll('/', ' ')} UTC`) / 1000;

const later = (text: string, delay: number): string => logTime(secondsOf(text) + delay);

function logTime(seconds: number): string {
  const [, day, month, year, time] = new Date(seconds * 1000).toUTCString().split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
}
