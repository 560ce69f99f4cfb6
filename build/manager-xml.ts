import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where each of our folders goes, below the directory of the manager. */
const LAYOUT = {
  ossec: { decoders: 'etc', rules: 'rules', 'ossec.conf.d': 'ossec.conf.d' },
  wazuh: { decoders: 'etc/decoders', rules: 'etc/rules', 'ossec.conf.d': 'ossec.conf.d' },
} as const;

export type Manager = keyof typeof LAYOUT;

/** Writes decoders, rules and fragments as each manager reads them: outdir/ossec, outdir/wazuh. */
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

/** Before Wazuh's own decoders, the first of which is 0005-wazuh_decoders.xml: it sorts all of them by name. */
const FIRST = '0000-';

/** Name to source: NAME.wazuh.xml takes the place of NAME.xml for Wazuh, and is not there for OSSEC. */
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
 * Our XML as Wazuh 4 reads it:
 * - Wazuh takes two from `frequency`, so the same number fires two events earlier there than in OSSEC;
 * - `X_pcre2` is `X type="pcre2"`, and is not blind to case by itself;
 * - its own JSON form of active-responses.log is below rule 650;
 * - `expect` is gone: the whole alert is handed over;
 * - its stock configuration has a command route-null of its own, and the first of a name counts;
 * - decoders are named in the <ruleset>, and lie in a directory of their own; rules are found by themselves.
 *   Both are sorted by their files' names, wherever they stand in ossec.conf (`Read_Rules`).
 */
export function toWazuh(xml: string): string {
  return xml
    .replace(/<!-- for OSSEC only -->.*?<!-- end of OSSEC only -->\n?/gs, '')
    .replace(/frequency="(\d+)"/g, (_, count) => `frequency="${Number(count) + 2}"`)
    .replace(/<(rule|decoder) .*?<\/\1>/gs, typedPatterns)
    .replace(/<(name|command)>route-null</g, '<$1>riposte-route-null<')
    .replaceAll('<if_sid>600</if_sid>', '<if_sid>600, 650</if_sid>')
    .replace(/(<\/?)rules>/g, '$1ruleset>')
    .replace(/<decoder>etc\/(.*)<\/decoder>/g, `<decoder_include>etc/decoders/${FIRST}$1</decoder_include>`)
    .replace(/^ *<include>.*<\/include>\n/gm, '')
    .replaceAll(/^ *<expect>.*<\/expect>\n/gm, '');
}

/** Elements of one name are joined to one pattern, so only the first may switch the case off. */
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
