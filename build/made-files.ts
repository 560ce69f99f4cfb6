import { readFileSync, writeFileSync } from 'node:fs';
import { ANSWERS } from '../evaluate/answers/answer-table.ts';
import { attackRuleFiles } from './attack-rules/rule-files.ts';

/** The fragments of ossec.conf that name answered rules. */
const FRAGMENTS = ['active_response', 'behind_proxy', 'nginx_deny', 'haproxy_deny', 'cloudflare_deny'];

/** The files of the repository that are made from tables in the code, by path. */
export function madeFiles(): ReadonlyMap<string, string> {
  const fragments = FRAGMENTS.map((name) => {
    const path = `ossec.conf.d/${name}.xml`;
    return [path, withAnsweredRules(readFileSync(path, 'utf8'))] as const;
  });
  return new Map([...fragments, ...attackRuleFiles()]);
}

/** Writes the made files that are out of date. @returns their paths */
export function renewMadeFiles(): string[] {
  const old = [...madeFiles()].filter(([path, text]) => readFileSync(path, 'utf8') !== text);
  for (const [path, text] of old) writeFileSync(path, text);
  return old.map(([path]) => path);
}

/** A fragment of ossec.conf whose active responses name the rules that their commands answer. */
export const withAnsweredRules = (xml: string): string =>
  xml.replace(
    /(<active-response>\s*<command>([\w-]+)<(?:(?!<\/active-response>)[\s\S])*?<rules_id>)[^<]*/g,
    (_, before: string, command: string) => before + rulesOf(command).join(','),
  );

/**
 * @param command a response of a web server or proxy (`*-deny`) answers every rule, because behind a proxy it replaces
 * all other responses
 */
function rulesOf(command: string): number[] {
  const answered = ANSWERS.filter(({ byManager }) => byManager !== undefined);
  return answered
    .filter(({ byManager }) => command.endsWith('-deny') || byManager === command)
    .map(({ rule }) => rule)
    .sort((a, b) => a - b);
}
