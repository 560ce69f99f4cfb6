import { basename } from 'node:path';
import { carriedFile, carriedFiles } from '../../base/carried-files.ts';
import { EX, RiposteError } from '../../base/errors.ts';
import type { Element } from '../../engine/xml/element.ts';
import { ALL_4XX, type Choice, isWanted } from './choice.ts';
import type { Insertion } from './marked-blocks.ts';
import type { Needs } from './needs.ts';
import { refuseOwn } from './refuse-own.ts';

/** The entries for the section that names decoders and rules, with their positions. */
export function rulesetInsertions(sections: readonly Element[], file: string, needs: Needs): Insertion[] {
  return needs.manager.kind === 'ossec' ? inOssec(sections, file, needs) : inWazuh(sections, file, needs);
}

/**
 * In OSSEC, each <rules> section overrides the entries of earlier sections, so the last section with entries of a kind
 * counts. Naming one decoder replaces the default list, so the stock files are named together with ours.
 */
function inOssec(sections: readonly Element[], file: string, needs: Needs): Insertion[] {
  const rules = sections.filter(({ name }) => name === 'rules');
  const ruleSection = lastWith(rules, RULES) ?? rules.at(-1);
  if (ruleSection === undefined)
    throw new RiposteError(EX.CONFIG, `${file} has no <rules>: the manager would load only Riposte's rules`);
  refuseOwn(rules.flatMap(({ children }) => children).find(isOwn));
  const decoderSection = lastWith(rules, DECODERS);
  const decoders = ownDecoders(needs).map((name) => entry('decoder', `etc/${name}`));
  const stock = ['decoder.xml', ...(needs.hasLocalDecoder ? ['local_decoder.xml'] : [])];
  const first = decoderSection?.children.find(({ name }) => DECODERS.includes(name));
  const includes = ownRules('ossec', needs).map((name) => entry('include', name));
  const all = first ? decoders : [...decoders, ...stock.map((name) => entry('decoder', `etc/${name}`))];
  return [
    { name: 'decoders', at: first?.span.start ?? firstChild(ruleSection), lines: all },
    { name: 'rules', at: behindRules(ruleSection), lines: includes },
  ];
}

/**
 * The position before local_rules.xml if that is the last file, because local_rules.xml may change our rules; else the
 * end of the section.
 */
function behindRules({ children, span }: Element): number {
  const last = children.filter(({ name }) => RULES.includes(name)).at(-1);
  return last && basename(last.text.trim()) === 'local_rules.xml' ? last.span.start : span.insideEnd;
}

/**
 * In Wazuh, ossec.conf names our decoders, and names our rules if the manager does not read etc/rules: without any
 * <rule_dir>, the manager reads only ruleset/rules. The position does not matter: Wazuh sorts all files by name.
 */
function inWazuh(sections: readonly Element[], file: string, needs: Needs): Insertion[] {
  const ruleset = sections.filter(({ name }) => name === 'ruleset').at(-1);
  if (ruleset === undefined)
    throw new RiposteError(
      EX.CONFIG,
      `${file} has no <ruleset>: the manager would not load Riposte's rules; put <ruleset><decoder_dir>ruleset/decoders</decoder_dir><rule_dir>ruleset/rules</rule_dir></ruleset> into its <ossec_config> and install again`,
    );
  refuseOwn(ruleset.children.find(isOwn));
  const directories = (element: string) => ruleset.children.filter(({ name }) => name === element);
  const decoders = namesIn('wazuh/etc/decoders')
    .filter((name) => isWanted(name, needs))
    .map((name) => entry('decoder_include', `etc/decoders/${name}`));
  const isRead = directories('rule_dir').some(({ text }) => /^etc\/rules\/?$/.test(text.trim()));
  const rules = isRead
    ? []
    : ownRules('wazuh', needs).map((name) => entry('rule_include', `etc/rules/${name}`));
  const at = directories('decoder_dir')[0]?.span.start ?? ruleset.span.insideEnd;
  return [{ name: 'ruleset', at, lines: [...decoders, ...rules] }];
}

/** Our rule files in their necessary order: the rules for bursts count matches of the other files' rules. */
const ownRules = (kind: 'ossec' | 'wazuh', choice: Choice): string[] =>
  kind === 'ossec'
    ? [...namedIn('include', choice), ...(choice.countsAll4xx ? [ALL_4XX] : [])]
    : namesIn('wazuh/etc/rules').filter((name) => isWanted(name, choice));

const ownDecoders = (choice: Choice): string[] =>
  namedIn('decoder', choice)
    .map((path) => basename(path))
    .filter((name) => name.startsWith('riposte_'));

/**
 * The files that our fragments name, so that `riposte install` has the same effect as inserting the fragments by hand.
 */
function namedIn(element: string, { isBehindProxy }: Choice): string[] {
  const fragments = ['rules', ...(isBehindProxy ? ['behind_proxy'] : [])];
  const texts = fragments.map((name) => carriedFile(`ossec/ossec.conf.d/${name}.xml`));
  // The decoder of the client's address behind a proxy must precede all others.
  const ordered = element === 'decoder' ? texts.reverse() : texts;
  return ordered.flatMap((text) =>
    [...text.matchAll(new RegExp(`^ *<${element}>([^<]+)<`, 'gm'))].map(([, name = '']) => name),
  );
}

const namesIn = (directory: string): string[] =>
  Object.keys(carriedFiles())
    .filter((path) => path.startsWith(`${directory}/`))
    .map((path) => basename(path))
    .sort();

const isOwn = ({ text }: Element): boolean => /^(0000-)?riposte_/.test(basename(text.trim()));

const RULES = ['include', 'rule', 'rule_dir'];
const DECODERS = ['decoder', 'decoder_dir'];

const lastWith = (sections: readonly Element[], names: readonly string[]): Element | undefined =>
  sections.filter(({ children }) => children.some(({ name }) => names.includes(name))).at(-1);

const firstChild = ({ children, span }: Element): number => children[0]?.span.start ?? span.insideEnd;

const entry = (element: string, text: string): string => `<${element}>${text}</${element}>`;
