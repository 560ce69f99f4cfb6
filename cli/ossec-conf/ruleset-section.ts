import { basename } from 'node:path';
import { EX, RiposteError } from '../../active-response/errors.ts';
import type { Element } from '../../engine/xml/element.ts';
import { carriedFile, carriedFiles } from '../carried-files.ts';
import { ALL_4XX, type Choice, isWanted } from './choice.ts';
import type { Insertion } from './marked-blocks.ts';
import { refuseOwn } from './refuse-own.ts';
import type { Needs } from './riposte-in-conf.ts';

/** What has to stand in the section that names decoders and rules, and where. */
export function rulesetInsertions(sections: readonly Element[], file: string, needs: Needs): Insertion[] {
  return needs.manager.kind === 'ossec' ? inOssec(sections, file, needs) : inWazuh(sections, file, needs);
}

/**
 * OSSEC overwrites the entries of one <rules> section by those of the next, so the last one with entries of a
 * kind counts. To name one decoder is to name all, so the stock files are named with ours.
 */
function inOssec(sections: readonly Element[], file: string, needs: Needs): Insertion[] {
  const rules = sections.filter(({ name }) => name === 'rules');
  const ruleSection = lastWith(rules, RULES) ?? rules.at(-1);
  if (ruleSection === undefined)
    throw new RiposteError(EX.CONFIG, `${file} has no <rules>: the manager would load Riposte's rules alone`);
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

/** Before local_rules.xml when that is the last, as it may change ours; else at the end of the section. */
function behindRules({ children, span }: Element): number {
  const last = children.filter(({ name }) => RULES.includes(name)).at(-1);
  return last && basename(last.text.trim()) === 'local_rules.xml' ? last.span.start : span.insideEnd;
}

/**
 * Our decoders are named, and our rules where etc/rules is not read: without any <rule_dir> only ruleset/rules
 * is. Where they stand does not matter: Wazuh sorts all by the names of their files.
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

/** Our rule files, in the order that they need: the bursts count what the others find. */
const ownRules = (kind: 'ossec' | 'wazuh', choice: Choice): string[] =>
  kind === 'ossec'
    ? [...namedIn('include', choice), ...(choice.countsAll4xx ? [ALL_4XX] : [])]
    : namesIn('wazuh/etc/rules').filter((name) => isWanted(name, choice));

const ownDecoders = (choice: Choice): string[] =>
  namedIn('decoder', choice)
    .map((path) => basename(path))
    .filter((name) => name.startsWith('riposte_'));

/** What our fragments name, so that install and a person who follows them do the same. */
function namedIn(element: string, { isBehindProxy }: Choice): string[] {
  const fragments = ['rules', ...(isBehindProxy ? ['behind_proxy'] : [])];
  const texts = fragments.map((name) => carriedFile(`ossec/ossec.conf.d/${name}.xml`));
  // A decoder for the client's address behind a proxy is tried before all others.
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
