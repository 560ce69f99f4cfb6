import { configError } from '../failure.ts';
import { attribute, type Element } from '../xml/element.ts';
import { readXml } from '../xml/read-xml.ts';

/** The parts of an ossec.conf about decoders and rules. Paths are as written. */
export interface OssecConf {
  /** Files and directories in their order. */
  decoders: PathEntry[];
  rules: PathEntry[];
  lists: string[];
  /** Rule files that a directory must not add (Wazuh). */
  excluded: string[];
  logLevel: number;
  mailLevel: number;
}

export type PathEntry = { path: string; isDirectory: boolean; pattern: string | undefined };

/** OSSEC's defaults for log_alert_level and email_alert_level, and for the pattern of a directory. */
const DEFAULTS = { logLevel: 1, mailLevel: 7 } as const;

/**
 * Reads the parts of an ossec.conf that select decoders and rules. Several `<ossec_config>` count as one.
 *
 * @throws RiposteError (CONFIG) for malformed XML and for an unknown element among the rules
 */
export function readOssecConf(text: string, file: string): OssecConf {
  const conf: OssecConf = { decoders: [], rules: [], lists: [], excluded: [], ...DEFAULTS };
  for (const root of readXml(text, file)) {
    if (root.name !== 'ossec_config') continue;
    for (const section of root.children) {
      if (section.name === 'rules' || section.name === 'ruleset')
        for (const entry of section.children) addEntry(conf, entry);
      if (section.name === 'alerts') for (const entry of section.children) setLevel(conf, entry);
    }
  }
  return conf;
}

function addEntry(conf: OssecConf, entry: Element): void {
  const path = entry.text.trim();
  const pattern = attribute(entry, 'pattern');
  switch (entry.name) {
    case 'include':
    case 'rule':
    case 'rule_include':
      conf.rules.push({ path, isDirectory: false, pattern: undefined });
      return;
    case 'decoder':
    case 'decoder_include':
      conf.decoders.push({ path, isDirectory: false, pattern: undefined });
      return;
    case 'rule_dir':
      conf.rules.push({ path, isDirectory: true, pattern });
      return;
    case 'decoder_dir':
      conf.decoders.push({ path, isDirectory: true, pattern });
      return;
    case 'list':
      conf.lists.push(path);
      return;
    case 'rule_exclude':
    case 'decoder_exclude':
      conf.excluded.push(path);
      return;
    default:
      throw configError(entry.position, `unknown element '${entry.name}' among the rules`);
  }
}

function setLevel(conf: OssecConf, { name, text, position }: Element): void {
  if (name !== 'log_alert_level' && name !== 'email_alert_level') return;
  if (!/^\s*\d+\s*$/.test(text)) throw configError(position, `${name} is '${text}', which is not a level`);
  if (name === 'log_alert_level') conf.logLevel = Number(text);
  else conf.mailLevel = Number(text);
}
