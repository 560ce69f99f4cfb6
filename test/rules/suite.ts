import { readdirSync, readFileSync } from 'node:fs';
import { EX, RiposteError } from '../../base/errors.ts';

/** One `log N pass = LINE` of an .ini file, with the expectations of its section. */
export interface Case {
  file: string;
  title: string;
  rule: string;
  level: string;
  decoder: string;
  line: string;
  pass: boolean;
}

/**
 * One line of a sequence: its time of arrival, and its expected result: `rule:level`, `-` for no rule, `*` for
 * anything.
 */
export interface Step {
  at: number;
  verdict: string;
  line: string;
}

export interface Sequence {
  file: string;
  title: string;
  steps: Step[];
}

/** The rule files. The files with their test lines are in the same directory. */
export const RULE_FILES = readdirSync('rules').filter((name) => name.endsWith('.xml'));

/** The cases of one .ini file, in the form of contrib/ossec-testing. */
export function readCases(file: string): Case[] {
  return sections(file).flatMap(({ title, lines }) => {
    const entries = lines.map((text) => splitOnce(text, '='));
    const value = (key: string) => entries.find(([name]) => name === key)?.[1] ?? missing(file, title, key);
    return entries.flatMap(([key, line]) => {
      const log = /^log \d+ (pass|fail)$/.exec(key);
      if (!log) return [];
      const [rule, level, decoder] = [value('rule'), value('alert'), value('decoder')];
      return [{ file, title, rule, level, decoder, line, pass: log[1] === 'pass' }];
    });
  });
}

/** The sequences of one .seq file; its form is described at the top of rules/riposte_web_bursts.seq. */
export function readSequences(file: string): Sequence[] {
  return sections(file).map(({ title, lines }) => ({
    file,
    title,
    steps: lines.map((text) => {
      const [, at, verdict = '', line] = /^(\d+) +(\d+:\d+|-|\*) +(.+)$/.exec(text) ?? [];
      if (!line) throw new RiposteError(EX.DATAERR, `${file}: [${title}]: not a step: ${text}`);
      return { at: Number(at), verdict, line };
    }),
  }));
}

function sections(file: string): { title: string; lines: string[] }[] {
  const found: { title: string; lines: string[] }[] = [];
  for (const text of readFileSync(file, 'utf8').split('\n')) {
    const title = /^\[(.*)\]\s*$/.exec(text)?.[1];
    if (title !== undefined) found.push({ title, lines: [] });
    else if (text.trim() && !/^[;#]/.test(text)) found.at(-1)?.lines.push(text.trim());
  }
  return found;
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}

function missing(file: string, title: string, key: string): never {
  throw new RiposteError(EX.DATAERR, `${file}: [${title}] has no ${key}`);
}
