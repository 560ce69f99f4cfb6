import { RESPONSES } from '../../active-response/response/responses.ts';
import { carriedFile } from '../../base/carried-files.ts';
import type { Element } from '../../engine/xml/element.ts';
import { withChosenValues } from './chosen-values.ts';
import type { Needs } from './needs.ts';
import { refuseOwn } from './refuse-own.ts';

/** The commands and active responses of ossec.conf.d/, renamed where a name is taken. */
export function commandsAndResponses(sections: readonly Element[], needs: Needs): string[] {
  const { manager, isBehindProxy, answers31151 } = needs;
  const executables = childrenOf(sections, 'command', 'executable');
  refuseOwn(executables.find(({ text }) => SCRIPTS.has(text.trim())));
  const fragments = ['commands', 'active_response', ...(isBehindProxy ? ['behind_proxy'] : [])];
  const fragment = (name: string) => insideOf(carriedFile(`${manager.kind}/ossec.conf.d/${name}.xml`));
  const text = [...fragments.map(fragment), ...(answers31151 ? answer31151(fragment, isBehindProxy) : [])];
  const lines = withoutSection(text.join('\n'), /rules|ruleset/);
  return withFreeNames(
    withChosenValues(lines, needs),
    new Set(childrenOf(sections, 'command', 'name').map(({ text }) => text.trim())),
  )
    .replace(/\n{2,}/g, '\n')
    .trimEnd()
    .split('\n');
}

/** The fragment for stock rule 31151. Behind a proxy, the fragment gets a second response to this rule: Apache's. */
function answer31151(fragment: (name: string) => string, isBehindProxy: boolean): string[] {
  const text = fragment('answer_31151');
  return isBehindProxy ? [text, text.replace(/<command>[\w-]+</, '<command>apache-deny<')] : [text];
}

/** The logs that the manager does not read yet: the web server's, and on OSSEC active-responses.log. */
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

/** Renames commands whose name is taken: managers use the first command of a name, which would not be Riposte's. */
function withFreeNames(text: string, taken: ReadonlySet<string>): string {
  return text.replace(/<(name|command)>([\w-]+)</g, (_, element, name: string) => {
    let free = name;
    while (taken.has(free)) free = `riposte-${free}`;
    return `<${element}>${free}<`;
  });
}

/** True when a location, which may contain `*`, includes the file. */
function covers(location: string, file: string): boolean {
  const pattern = location.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${pattern.join('[^/]*')}$`).test(file);
}
