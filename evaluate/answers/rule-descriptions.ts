import { builtInXml } from '../../engine/ruleset/built-in.ts';

const RULE = /<rule [^>]*\bid="(\d+)"[^>]*>(.*?)<\/rule>/gs;
const DESCRIPTION = /<description>(.*?)<\/description>/s;

/**
 * The descriptions of Riposte's rules and the stock rules that they extend, by id. OSSEC passes no description to a
 * script.
 */
export function ruleDescriptions(): ReadonlyMap<string, string> {
  const { rules, standIns } = builtInXml('ossec');
  const descriptions = [...standIns, ...rules].flatMap(({ text }) =>
    Array.from(text.matchAll(RULE), ([, id = '', body = '']): [string, string] => [
      id,
      plain(DESCRIPTION.exec(body)?.[1] ?? ''),
    ]),
  );
  return new Map(descriptions);
}

const plain = (xml: string): string =>
  xml
    .trim()
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
