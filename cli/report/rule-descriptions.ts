import { builtInXml } from '../../engine/ruleset/built-in.ts';

const RULE = /<rule [^>]*\bid="(\d+)"[^>]*>(.*?)<\/rule>/gs;
const DESCRIPTION = /<description>(.*?)<\/description>/s;

/** What our own rules, and the stock rules that they build on, say of themselves, by id: OSSEC does not hand it over. */
export function ruleDescriptions(): ReadonlyMap<string, string> {
  const { rules, standIns } = builtInXml('ossec');
  const found = [...standIns, ...rules].flatMap(({ text }) =>
    Array.from(text.matchAll(RULE), ([, id = '', body = '']): [string, string] => [
      id,
      plain(DESCRIPTION.exec(body)?.[1] ?? ''),
    ]),
  );
  return new Map(found);
}

const plain = (xml: string): string =>
  xml
    .trim()
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
