import { existsSync } from 'node:fs';
import { EX, RiposteError } from '../../base/errors.ts';
import { packFile } from '../../base/pack-overlay.ts';
import { unpacked } from '../../base/packed.ts';
import type { Dialect } from '../dialect.ts';
import { readDirectory } from './files.ts';
import type { Source, Sources } from './ruleset.ts';

/** The XML in the built program. */
export interface BuiltInXml {
  standIns: Source[];
  decoders: Source[];
  rules: Source[];
}

/** The compressed XML. build/bundle-cli.ts sets it. */
declare const RIPOSTE_XML: string | undefined;

let own: BuiltInXml | undefined;

/** Returns the XML of the built program. A program that runs from its sources reads the repository instead. */
function ownXml(): BuiltInXml {
  if (typeof RIPOSTE_XML === 'undefined') return repositoryXml('.');
  own ??= unpacked(RIPOSTE_XML) as BuiltInXml;
  return own;
}

/**
 * Riposte's own decoders and rules, from the pack in force if there is one, and stand-ins for the stock decoders and
 * rules that they extend.
 */
export function builtInXml(dialect: Dialect): BuiltInXml {
  const { standIns, ...ours } = ownXml();
  const current = ({ file, text }: Source): Source => ({ file, text: packFile(file) ?? text });
  const [decoders, rules] = [ours.decoders.map(current), ours.rules.map(current)];
  if (dialect === 'ossec') return { standIns, decoders, rules };
  return {
    standIns: standIns.map(withWazuhFrequency).map(asInWazuh),
    decoders: decoders.map(({ file, text }) => ({ file, text: withWazuhFields(text) })),
    rules: rules.map(withWazuhFrequency).map(withLocation),
  };
}

/** Converts frequencies: our sources are OSSEC's, where frequency 12 fires on event 14; Wazuh writes 14 for that. */
function withWazuhFrequency({ file, text }: Source): Source {
  return {
    file,
    text: text.replace(/ frequency="(\d+)"/g, (_, written) => ` frequency="${Number(written) + 2}"`),
  };
}

/** Stand-ins are OSSEC's rules. In Wazuh 4.14, one of these rules has another level, and one has another parent. */
function asInWazuh({ file, text }: Source): Source {
  return {
    file,
    text: withWazuhFields(text)
      .replace('<rule id="31103" level="6">', '<rule id="31103" level="7">')
      .replace(/(<rule id="31509" level="3">\s*<if_sid>)31100</, '$131108<'),
  };
}

/** Wazuh's own decoders of web logs put a request's method into `protocol`, OSSEC's into `action`. */
export const withWazuhFields = (xml: string): string =>
  xml.replace(/(<order>(?:[\w ,]*, )?)action(, url[\w ,]*<\/order>)/g, '$1protocol$2');

/** OSSEC's rules find the log's name in the host name, Wazuh's in the location. */
function withLocation({ file, text }: Source): Source {
  return { file, text: text.replace(/(<\/?)hostname_pcre2>/g, '$1location_pcre2>') };
}

export function repositoryXml(root: string): BuiltInXml {
  const standIns = `${root}/engine/stand-ins`;
  if (!existsSync(standIns))
    throw new RiposteError(
      EX.SOFTWARE,
      `${standIns} is missing: run riposte from the repository, or build it`,
    );
  const named = (directory: string) =>
    readDirectory(`${root}/${directory}`).map(({ file, text }) => ({
      file: file.replace(/^\.\//, ''),
      text,
    }));
  return { standIns: named('engine/stand-ins'), decoders: named('decoders'), rules: named('rules') };
}

/**
 * Riposte's own decoders. The decoders for a server behind a proxy are left out for any other server, because they
 * would let its clients choose an address.
 */
export function ownDecoders({ decoders }: BuiltInXml, isBehindProxy: boolean): Source[] {
  return decoders.filter(({ file }) => isBehindProxy || !file.includes('behind_proxy'));
}

/** The ruleset without an installation: stand-ins, and Riposte's rules. */
export function builtInSources(dialect: Dialect, isBehindProxy: boolean): Sources {
  const xml = builtInXml(dialect);
  const isDecoders = ({ file }: Source) => file.endsWith('_decoders.xml');
  return {
    dialect,
    // The first decoder that matches a line counts, so Riposte's precede the more general stock decoders.
    decoders: [...ownDecoders(xml, isBehindProxy), ...xml.standIns.filter(isDecoders)],
    rules: [...xml.standIns.filter((source) => !isDecoders(source)), ...xml.rules],
    lists: new Map(),
    logLevel: 1,
    mailLevel: 7,
  };
}
