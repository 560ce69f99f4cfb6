import { existsSync } from 'node:fs';
import { EX, RiposteError } from '../../active-response/errors.ts';
import type { Dialect } from '../dialect.ts';
import { readDirectory } from './files.ts';
import type { Source, Sources } from './ruleset.ts';

/** The XML that the built program carries in itself. */
export interface BuiltInXml {
  standIns: Source[];
  decoders: Source[];
  rules: Source[];
}

/** Put in by build/bundle-cli.ts; run from the sources, the program reads the repository instead. */
declare const RIPOSTE_XML: BuiltInXml | undefined;

/** Riposte's own decoders and rules, and the stand-ins for the stock ones that they extend. */
export function builtInXml(dialect: Dialect): BuiltInXml {
  const { standIns, decoders, rules } = typeof RIPOSTE_XML === 'undefined' ? repositoryXml('.') : RIPOSTE_XML;
  if (dialect === 'ossec') return { standIns, decoders, rules };
  return { standIns: standIns.map(withWazuhFrequency), decoders, rules: rules.map(withWazuhFrequency) };
}

/** Our sources are OSSEC's, where frequency 12 fires on event 14; Wazuh says 14 for that. */
function withWazuhFrequency({ file, text }: Source): Source {
  return {
    file,
    text: text.replace(/ frequency="(\d+)"/g, (_, written) => ` frequency="${Number(written) + 2}"`),
  };
}

export function repositoryXml(root: string): BuiltInXml {
  const standIns = `${root}/engine/stand-ins`;
  if (!existsSync(standIns))
    throw new RiposteError(EX.SOFTWARE, `${standIns} is not there: run it from the repository, or build it`);
  const named = (directory: string) =>
    readDirectory(`${root}/${directory}`).map(({ file, text }) => ({
      file: file.replace(/^\.\//, ''),
      text,
    }));
  return { standIns: named('engine/stand-ins'), decoders: named('decoders'), rules: named('rules') };
}

/** Riposte's own decoders. Those for a server behind a proxy would let anybody else choose an address. */
export function ownDecoders({ decoders }: BuiltInXml, isBehindProxy: boolean): Source[] {
  return decoders.filter(({ file }) => isBehindProxy || !file.includes('behind_proxy'));
}

/** The ruleset without any installation: stand-ins, and ours. */
export function builtInSources(dialect: Dialect, isBehindProxy: boolean): Sources {
  const xml = builtInXml(dialect);
  const isDecoders = ({ file }: Source) => file.endsWith('_decoders.xml');
  return {
    dialect,
    // The first decoder that fits a line wins, so ours go before the more general stock ones.
    decoders: [...ownDecoders(xml, isBehindProxy), ...xml.standIns.filter(isDecoders)],
    rules: [...xml.standIns.filter((source) => !isDecoders(source)), ...xml.rules],
    lists: new Map(),
    logLevel: 1,
    mailLevel: 7,
  };
}
