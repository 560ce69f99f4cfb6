import { RESPONSES } from '../../active-response/response/responses.ts';
import type { Element } from '../../engine/xml/element.ts';
import { carriedFile } from '../carried-files.ts';
import { refuseOwn } from './refuse-own.ts';
import type { Needs } from './riposte-in-conf.ts';

/** The commands and the responses that run them, from ossec.conf.d/, under names that nobody else has taken. */
export function commandsAndResponses(
  sections: readonly Element[],
  { manager, isBehindProxy }: Needs,
): string[] {
  const executables = childrenOf(sections, 'command', 'executable');
  refuseOwn(executables.find(({ text }) => SCRIPTS.has(text.trim())));
  const fragments = ['commands', 'active_response', ...(isBehindProxy ? ['behind_proxy'] : [])];
  const text = fragments.map((name) => insideOf(carriedFile(`${manager.kind}/ossec.conf.d/${name}.xml`)));
  const lines = withoutSection(text.join('\n'), /rules|ruleset/);
  return withFreeNames(lines, new Set(childrenOf(sections, 'command', 'name').map(({ text }) => text.trim())))
    .replace(/\n{2,}/g, '\n')
    .trimEnd()
    .split('\n');
}

/** The logs that nothing reads yet: of the web server, and on OSSEC what the responses say. */
export function logFileSection(sections: readonly Element[], { manager, home, logFiles }: Needs): string[] {
  const read = childrenOf(sections, 'localfile', 'location').map(({ text }) => text.trim());
  const isRead = (file: string) => read.some((location) => covers(location, file));
  const wanted = [
    ...logFiles.map((file) => ['apache', file] as const),
    ['syslog', `${home}/logs/active-responses.log`] as const,
  ];
  return wanted
    .filter(([, file]) => !isRead(file))
    .flatMap(([format, file]) => [
      '  <localfile>',
      `    <log_format>${manager.kind === 'wazuh' && file.includes('nginx') ? 'syslog' : format}</log_format>`,
      `    <location>${file}</location>`,
      '  </localfile>',
    ]);
}

const insideOf = (fragment: string): string =>
  /<ossec_config>\n([\s\S]*)<\/ossec_config>/.exec(fragment)?.[1] ?? '';

const withoutSection = (text: string, name: RegExp): string =>
  text.replace(new RegExp(`^ *<(${name.source})>[\\s\\S]*?</\\1>\\n`, 'gm'), '');

/** The elements of one name in all sections of one name. */
const childrenOf = (sections: readonly Element[], section: string, child: string): Element[] =>
  sections
    .filter(({ name }) => name === section)
    .flatMap(({ children }) => children.filter(({ name }) => name === child));

const SCRIPTS = new Set(RESPONSES.map(({ name }) => `${name}.js`));

/** Managers take the first command of a name, and that would be somebody else's. */
function withFreeNames(text: string, taken: ReadonlySet<string>): string {
  return text.replace(/<(name|command)>([\w-]+)</g, (_, element, name: string) => {
    let free = name;
    while (taken.has(free)) free = `riposte-${free}`;
    return `<${element}>${free}<`;
  });
}

/** Locations may hold `*`. */
function covers(location: string, file: string): boolean {
  const pattern = location.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${pattern.join('[^/]*')}$`).test(file);
}
