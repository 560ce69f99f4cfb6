import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Dialect } from '../dialect.ts';
import type { List } from '../list/lookup.ts';
import { byName, readEntries, readListFile, readSource } from './files.ts';
import { type OssecConf, readOssecConf } from './ossec-conf.ts';
import type { Source, Sources } from './ruleset.ts';

/** The paths of an installation, or of a source tree. */
interface Layout {
  conf: string;
  /** The base of relative paths in ossec.conf. */
  root: string;
  /** The directory of rule files that are named without a directory. */
  rules: string;
  /** The decoders to read when ossec.conf names none; the first must exist. */
  decoders: string[];
}

/** The decoders, rules and lists that the manager in this directory loads. */
export function sourcesOfHome(home: string, dialect: Dialect): Sources {
  return sourcesOf(
    {
      conf: join(home, 'etc/ossec.conf'),
      root: home,
      rules: join(home, 'rules'),
      decoders: [join(home, 'etc/decoder.xml'), join(home, 'etc/local_decoder.xml')],
    },
    dialect,
  );
}

/** The decoders and rules of a source tree of OSSEC, as in its server configuration. */
export function sourcesOfCheckout(checkout: string): Sources {
  return sourcesOf(
    {
      conf: join(checkout, 'etc/ossec-server.conf'),
      root: checkout,
      rules: join(checkout, 'etc/rules'),
      decoders: [join(checkout, 'etc/decoder.xml')],
    },
    'ossec',
  );
}

function sourcesOf(layout: Layout, dialect: Dialect): Sources {
  const { text, file } = readSource(layout.conf);
  const conf = readOssecConf(text, file);
  const inRoot = (path: string) => resolve(layout.root, path);
  const inOrder = (sources: Source[]) =>
    dialect === 'wazuh' ? sources.sort((a, b) => byName(a.file, b.file)) : sources;
  const ruleFile = (path: string) => (path.includes('/') ? inRoot(path) : join(layout.rules, path));
  return {
    dialect,
    decoders:
      conf.decoders.length > 0
        ? inOrder(readEntries(conf.decoders, conf.excluded, layout.root, inRoot))
        : layout.decoders.filter((path, i) => i === 0 || existsSync(path)).map(readSource),
    rules: inOrder(readEntries(conf.rules, conf.excluded, layout.root, ruleFile)),
    lists: listsOf(conf, ruleFile),
    logLevel: conf.logLevel,
    mailLevel: conf.mailLevel,
  };
}

function listsOf(conf: OssecConf, resolve: (path: string) => string): Map<string, List> {
  return new Map(conf.lists.map((path) => [path.replace(/\.cdb$/, ''), readListFile(resolve(path))]));
}
