import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withWazuhFields } from '../engine/ruleset/built-in.ts';
import { withWazuhComments } from './wazuh-comments.ts';
import { withCompliance } from './wazuh-compliance.ts';

/** The target of each of our folders, below the manager's directory. */
const LAYOUT = {
  ossec: { decoders: 'etc', rules: 'rules', 'ossec.conf.d': 'ossec.conf.d' },
  wazuh: { decoders: 'etc/decoders', rules: 'etc/rules', 'ossec.conf.d': 'ossec.conf.d' },
} as const;

export type Manager = keyof typeof LAYOUT;

/** Writes decoders, rules and fragments in each manager's form: outdir/ossec, outdir/wazuh. */
export async function writeManagerXml(outdir: string): Promise<string[]> {
  const written: string[] = [];
  for (const [manager, folders] of Object.entries(LAYOUT) as [Manager, Record<string, string>][]) {
    for (const [from, to] of Object.entries(folders)) {
      const target = join(outdir, manager, to);
      await rm(target, { recursive: true, force: true });
      await mkdir(target, { recursive: true });
      for (const [name, source] of filesFor(manager, await readdir(from))) {
        const xml = await readFile(join(from, source), 'utf8');
        const path = join(target, manager === 'wazuh' && from === 'decoders' ? FIRST + name : name);
        await writeFile(path, manager === 'wazuh' ? toWazuh(xml) : xml);
        written.push(path);
      }
    }
  }
  return written;
}

/** A prefix that sorts our files before Wazuh's own, the first of which is 0005-wazuh_decoders.xml. */
const FIRST = '0000-';

/** Maps each name to its source: NAME.wazuh.xml replaces NAME.xml for Wazuh, and is left out for OSSEC. */
function filesFor(manager: Manager, names: string[]): Map<string, string> {
  const xml = names.filter((name) => name.endsWith('.xml'));
  const files = new Map(xml.filter((name) => !name.endsWith('.wazuh.xml')).map((name) => [name, name]));
  if (manager === 'wazuh') {
    for (const name of xml.filter((name) => name.endsWith('.wazuh.xml'))) {
      files.set(name.replace('.wazuh', ''), name);
    }
  }
  return files;
}

/**
 * Converts our XML for Wazuh 4:
 * - Wazuh subtracts two from `frequency`, so with the same number a rule fires two events earlier than in OSSEC;
 * - the log's name is in `location`; OSSEC has it in the host name, for agents only;
 * - `X_pcre2` is `X type="pcre2"`, and is case-sensitive by default;
 * - Wazuh's rules for its own JSON lines in active-responses.log are below rule 650;
 * - Wazuh has no `expect`: it passes the whole alert;
 * - Wazuh's stock configuration has its own command route-null, and of several commands with one name the first counts;
 * - the stock decoders of web logs put the method into `protocol`;
 * - Wazuh's rules name techniques of MITRE ATT&CK and compliance groups;
 * - decoders are named in the <ruleset>, in a directory of their own; rules are found automatically. Wazuh sorts both
 *   by file name, and ignores their order in ossec.conf (`Read_Rules`).
 */
export function toWazuh(xml: string): string {
  return withWazuhFields(withCompliance(withWazuhComments(xml)))
    .replace(/<!-- for OSSEC only -->.*?<!-- end of OSSEC only -->\n?/gs, '')
    .replace(/frequency="(\d+)"/g, (_, count) => `frequency="${Number(count) + 2}"`)
    .replace(/(<\/?)hostname_pcre2>/g, '$1location_pcre2>')
    .replace(/<(rule|decoder) .*?<\/\1>/gs, typedPatterns)
    .replace(/<(name|command)>route-null</g, '<$1>riposte-route-null<')
    .replaceAll('<if_sid>600</if_sid>', '<if_sid>600, 650</if_sid>')
    .replace(/(<\/?)rules>/g, '$1ruleset>')
    .replace(/<decoder>etc\/(.*)<\/decoder>/g, `<decoder_include>etc/decoders/${FIRST}$1</decoder_include>`)
    .replace(/^ *<include>.*<\/include>\n/gm, '')
    .replaceAll(/^ *<expect>.*<\/expect>\n/gm, '');
}

/** Elements of one name form one pattern, so only the first may switch case off. */
function typedPatterns(block: string): string {
  const seen = new Set<string>();
  return block.replace(
    /<((?:\w+_)?pcre2)( [^>]*)?>(.*?)<\/\1>/g,
    (_, element: string, attributes = '', pattern: string) => {
      const name = element === 'pcre2' ? 'regex' : element.replace(/_pcre2$/, '');
      const first = !seen.has(name);
      seen.add(name);
      return `<${name} type="pcre2"${attributes}>${first ? '(?i)' : ''}${pattern}</${name}>`;
    },
  );
}
