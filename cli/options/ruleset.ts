import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Home } from '../../active-response/home.ts';
import { EX, RiposteError } from '../../base/errors.ts';
import type { Io } from '../../base/io.ts';
import type { Dialect } from '../../engine/dialect.ts';
import { builtInSources, builtInXml, ownDecoders } from '../../engine/ruleset/built-in.ts';
import { readSource } from '../../engine/ruleset/files.ts';
import { sourcesOfCheckout, sourcesOfHome } from '../../engine/ruleset/from-home.ts';
import { sourcesOfWazuhCheckout } from '../../engine/ruleset/from-wazuh.ts';
import { loadRuleset, type Ruleset, type Source, type Sources } from '../../engine/ruleset/ruleset.ts';
import { ownRules } from '../../evaluate/own-files.ts';
import { usePackOf } from '../../evaluate/rule-pack/chosen-pack.ts';
import { isWanted, NOTHING_CHOSEN } from '../../install/ossec-conf/choice.ts';
import type { Arguments } from '../arguments.ts';
import type { Option } from '../option.ts';

/** Gets a message for a person. */
type Warn = (message: string) => void;

/** Prints messages on standard error. */
export const warnOn =
  ({ err }: Pick<Io, 'err'>): Warn =>
  (message) =>
    err(`riposte: ${message}\n`);

/** The options of every verb that evaluates lines by Riposte's own rules. */
export const RULE_FILE_OPTIONS: Readonly<Record<string, Option>> = {
  decoders: {
    value: 'FILE',
    text: 'an additional file of decoders, read before the others; may be repeated',
  },
  rules: { value: 'FILE', text: 'an additional file of rules; may be repeated' },
  'behind-proxy': { text: "the log's lines carry X-Forwarded-For: take the client's address from there" },
};

/** The options of every verb that tests rulesets. */
export const RULESET_OPTIONS: Readonly<Record<string, Option>> = {
  home: {
    value: 'DIR',
    alias: 'ossec-home',
    text: "the rules that the manager in DIR loads, and Riposte's own if they are not installed there; only Riposte's if DIR has no ossec.conf",
  },
  ruleset: { value: 'DIR', text: 'a source tree of OSSEC or Wazuh' },
  'with-riposte': { text: "with --ruleset: Riposte's own rules as well" },
  ...RULE_FILE_OPTIONS,
  dialect: {
    value: 'ossec|wazuh',
    text: 'the dialect of the rules (default: the dialect of DIR, else ossec)',
  },
};

export const RULESET_NOTES =
  "Without --home and --ruleset: Riposte's own rules, and stand-ins for the stock ones that they extend. Without a manager's rules, etc/riposte-rules.xml of the installation is read, too.";

/**
 * Loads Riposte's rules from the program or from the installation's pack, the administrator's rules, and the files that
 * the options name. If the rules cannot be loaded, the process goes back to the pack that it used before.
 *
 * @param warn gets the reason when the pack cannot be used @throws as `rulesetOf`
 */
export function ownRuleset(given: Arguments, home: Home, warn: Warn): Ruleset {
  const goBack = usePackOf(home, warn);
  try {
    return ownRulesetInForce(given, home);
  } catch (error) {
    goBack();
    throw error;
  }
}

/** Loads the same rules, but with the pack that the process already uses. */
export function ownRulesetInForce(given: Arguments, home: Home): Ruleset {
  const sources = builtInSources('ossec', given.flag('behind-proxy'));
  return loadRuleset(withExtraFiles(given, withOwnRules(sources, home)));
}

/**
 * Loads the ruleset of the options.
 *
 * @param home the installation whose own rules and pack are read, too; undefined for none
 * @param warn gets the reason when the pack cannot be used
 * @throws RiposteError for a bad option (USAGE) or a bad ruleset (CONFIG)
 */
export function rulesetOf(given: Arguments, home: Home | undefined, warn: Warn): Ruleset {
  usePackOf(home, warn);
  const sources = sourcesOf(given, given.flag('behind-proxy'), false);
  return loadRuleset(withExtraFiles(given, withOwnRules(sources, home)));
}

function withOwnRules(sources: Sources, home: Home | undefined): Sources {
  return home ? { ...sources, rules: [...sources.rules, ...ownRules(home)] } : sources;
}

/**
 * Loads the ruleset of the options for suites of test lines. The suites contain lines of every kind, such as lines of a
 * server behind a proxy, and Windows events as JSON.
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
  if (home !== undefined && isStandaloneHome(home)) return builtInSources(dialect ?? 'ossec', isBehindProxy);
  if (home !== undefined) {
    const sources = sourcesOfHome(home, dialect ?? (isWazuhHome(home) ? 'wazuh' : 'ossec'));
    return withMissing(sources, isBehindProxy);
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

/**
 * True for a home of Riposte without a manager. There are no manager's rules in such a home.
 *
 * @throws RiposteError (USAGE) when the directory is not a home
 */
export function isStandaloneHome(home: string): boolean {
  if (existsSync(join(home, 'etc/ossec.conf'))) return false;
  if (existsSync(join(home, 'etc/riposte.conf'))) return true;
  throw new RiposteError(
    EX.USAGE,
    `${home} has neither etc/ossec.conf nor etc/riposte.conf; name the directory of a manager or of Riposte`,
  );
}

/** Only Wazuh has its stock rules in ruleset/. */
function isWazuhHome(home: string): boolean {
  return existsSync(join(home, 'ruleset/rules'));
}

/** True when the rules of an installation include Riposte's. */
const hasOurs = ({ rules }: Sources): boolean =>
  rules.some(({ file }) => basename(file).startsWith('riposte_'));

/**
 * The sources of a manager as it loads them. If Riposte is not installed there, adds the files that riposte install
 * would add; with --behind-proxy, also the files for a proxy.
 */
function withMissing(sources: Sources, isBehindProxy: boolean): Sources {
  const choice = { ...NOTHING_CHOSEN, isBehindProxy };
  const isInstalled = hasOurs(sources);
  const isMissing = ({ file }: Source) =>
    isWanted(file, choice) && (!isInstalled || file.includes('behind_proxy'));
  const all = withRiposte(sources, isBehindProxy);
  const isTaken = (own: readonly Source[]) => (source: Source) => own.includes(source) || isMissing(source);
  return {
    ...all,
    decoders: all.decoders.filter(isTaken(sources.decoders)),
    rules: all.rules.filter(isTaken(sources.rules)),
  };
}

/** Describes the rules of the manager that --home names; undefined if it names none. */
export function originOfRules(given: Arguments): string | undefined {
  const home = given.value('home');
  if (home === undefined || isStandaloneHome(home)) return undefined;
  const sources = sourcesOfHome(home, isWazuhHome(home) ? 'wazuh' : 'ossec');
  const ours = sources.rules.filter(({ file }) => basename(file).startsWith('riposte_')).length;
  const what = ours > 0 ? `${ours} of them Riposte’s` : 'and Riposte’s own, which are not installed there';
  return `the rules that ${join(home, 'etc/ossec.conf')} names: ${sources.rules.length} files, ${what}`;
}

/** Adds Riposte's files, except the files that the installation contains already. */
function withRiposte(sources: Sources, isBehindProxy: boolean): Sources {
  const xml = builtInXml(sources.dialect);
  const missing = (own: Source[], installed: Source[]) => {
    const names = new Set(installed.map(({ file }) => basename(file).replace(/^0000-/, '')));
    return own.filter(({ file }) => !names.has(basename(file)));
  };
  return {
    ...sources,
    // The first decoder that matches a line counts, so Riposte's precede the more general stock decoders.
    decoders: [...missing(ownDecoders(xml, isBehindProxy), sources.decoders), ...sources.decoders],
    rules: [...sources.rules, ...missing(xml.rules, sources.rules)],
  };
}

/**
 * Adds the files that the options name. Their decoders go first, as `riposte install` puts them, because the first
 * decoder that matches a line counts. A file that extends decoders of other files must follow those files.
 */
function withExtraFiles(given: Arguments, sources: Sources): Sources {
  const extra = given.all('decoders').map(readSource);
  return {
    ...sources,
    decoders: [
      ...extra.filter((source) => !extendsOthers(source)),
      ...sources.decoders,
      ...extra.filter(extendsOthers),
    ],
    rules: [...sources.rules, ...given.all('rules').map(readSource)],
  };
}

function extendsOthers({ text }: Source): boolean {
  const names = new Set([...text.matchAll(/<decoder\s+name="([^"]*)"/g)].map(([, name]) => name));
  return [...text.matchAll(/<parent>\s*([^<]*?)\s*<\/parent>/g)].some(([, parent]) => !names.has(parent));
}
