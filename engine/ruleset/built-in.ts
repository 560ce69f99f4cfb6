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
export function builtInXml(): BuiltInXml {
  return typeof RIPOSTE_XML === 'undefined' ? repositoryXml('.') : RIPOSTE_XML;
}

export function repositoryXml(root: string): BuiltInXml {
  const standIns = `${root}/engine/stand-ins`;
  if (!existsSync(standIns)) throw new RiposteError(EX.SOFTWARE, `${standIns} is not there: run it from the repository, or build it`);
  const named = (directory: string) =>
    readDirectory(`${root}/${directory}`).map(({ file, text }) => ({ file: file.replace(/^\.\//, ''), text }));
  return { standIns: named('engine/stand-ins'), decoders: named('decoders'), rules: named('rules') };
}

/** The ruleset without any installation: stand-ins, then ours. */
export function builtInSources(dialect: Dialect): Sources {
  const { standIns, decoders, rules } = builtInXml();
  const isDecoders = ({ file }: Source) => file.endsWith('_decoders.xml');
  return {
    dialect,
    // The first decoder that fits a line wins, so ours go before the more general stock ones.
    decoders: [...decoders, ...standIns.filter(isDecoders)],
    rules: [...standIns.filter((source) => !isDecoders(source)), ...rules],
    lists: new Map(),
    logLevel: 1,
    mailLevel: 7,
  };
}
