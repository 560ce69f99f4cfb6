import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { EX, RiposteError } from '../active-response/errors.ts';
import type { Dialect } from '../engine/dialect.ts';
import { builtInSources, builtInXml, ownDecoders } from '../engine/ruleset/built-in.ts';
import { readSource } from '../engine/ruleset/files.ts';
import { sourcesOfCheckout, sourcesOfHome } from '../engine/ruleset/from-home.ts';
import { sourcesOfWazuhCheckout } from '../engine/ruleset/from-wazuh.ts';
import { loadRuleset, type Ruleset, type Source, type Sources } from '../engine/ruleset/ruleset.ts';
import type { Arguments } from './arguments.ts';
import type { Option } from './verb.ts';

/** The options of every verb that judges lines by Riposte's own rules. */
export const RULE_FILE_OPTIONS: Readonly<Record<string, Option>> = {
  decoders: { value: 'FILE', text: 'a file of decoders more; may be given several times' },
  rules: { value: 'FILE', text: 'a file of rules more; may be given several times' },
  'behind-proxy': { text: "the log's lines carry X-Forwarded-For: take the client's address from there" },
};

/** The options of every verb that tries rulesets out. */
export const RULESET_OPTIONS: Readonly<Record<string, Option>> = {
  home: {
    value: 'DIR',
    alias: 'ossec-home',
    text: "what the manager in DIR loads, and Riposte's own rules",
  },
  ruleset: { value: 'DIR', text: 'a source tree of OSSEC or Wazuh' },
  'with-riposte': { text: "with --ruleset: Riposte's own rules as well" },
  ...RULE_FILE_OPTIONS,
  dialect: { value: 'ossec|wazuh', text: 'whose rules these are (default: what DIR is, else ossec)' },
};

export const RULESET_NOTES =
  "Without --home and --ruleset: Riposte's own rules, and stand-ins for the stock ones that they extend.";

/** Riposte's own rules, and the files that the options name. @throws as `rulesetOf` */
export function ownRuleset(given: Arguments): Ruleset {
  return loadRuleset(withExtraFiles(given, builtInSources('ossec', given.flag('behind-proxy'))));
}

/** Loads what the options name. @throws RiposteError for a bad option (USAGE) or a bad ruleset (CONFIG) */
export function rulesetOf(given: Arguments): Ruleset {
  return loadRuleset(withExtraFiles(given, sourcesOf(given, given.flag('behind-proxy'), false)));
}

/**
 * The same for suites of test lines, which have lines of every kind: those of a server behind a proxy, and
 * Windows events as JSON.
 */
export function rulesetForSuites(given: Arguments): Ruleset {
  return loadRuleset(withExtraFiles(given, sourcesOf(given, true, true)));
}

function sourcesOf(given: Arguments, isBehindProxy: boolean, isForSuites: boolean): Sources {
  const home = given.value('home');
  const checkout = given.value('ruleset');
  const dialect = dialectOf(given);
  if (home !== undefined && checkout !== undefined) {
    throw new RiposteError(EX.USAGE, '--home and --ruleset exclude each other');
  }
  if (home !== undefined) {
    return withRiposte(
      sourcesOfHome(home, dialect ?? (isWazuhHome(home) ? 'wazuh' : 'ossec')),
      isBehindProxy,
    );
  }
  if (checkout === undefined) return builtInSources(dialect ?? 'ossec', isBehindProxy);
  const isWazuh = existsSync(join(checkout, 'ruleset/rules'));
  const sources = isWazuh ? sourcesOfWazuhCheckout(checkout, isForSuites) : sourcesOfCheckout(checkout);
  const chosen = { ...sources, dialect: dialect ?? sources.dialect };
  return given.flag('with-riposte') ? withRiposte(chosen, isBehindProxy) : chosen;
}

function dialectOf(given: Arguments): Dialect | undefined {
  const dialect = given.value('dialect');
  if (dialect === undefined || dialect === 'ossec' || dialect === 'wazuh') return dialect;
  throw new RiposteError(EX.USAGE, `--dialect is ossec or wazuh, not '${dialect}'`);
}

/** Only Wazuh has its stock rules in ruleset/. */
function isWazuhHome(home: string): boolean {
  return existsSync(join(home, 'ruleset/rules'));
}

/** Adds our own files, except those that the installation has already. */
function withRiposte(sources: Sources, isBehindProxy: boolean): Sources {
  const xml = builtInXml(sources.dialect);
  const missing = (own: Source[], there: Source[]) => {
    const names = new Set(there.map(({ file }) => basename(file).replace(/^0000-/, '')));
    return own.filter(({ file }) => !names.has(basename(file)));
  };
  return {
    ...sources,
    // The first decoder that fits a line wins, so ours go before the more general stock ones.
    decoders: [...missing(ownDecoders(xml, isBehindProxy), sources.decoders), ...sources.decoders],
    rules: [...sources.rules, ...missing(xml.rules, sources.rules)],
  };
}

function withExtraFiles(given: Arguments, sources: Sources): Sources {
  return {
    ...sources,
    decoders: [...sources.decoders, ...given.all('decoders').map(readSource)],
    rules: [...sources.rules, ...given.all('rules').map(readSource)],
  };
}
