import { signatureList } from '../../judgement/signatures/list/index.ts';
import { attackRules } from './attack-rules.ts';
import { type Rule, ruleXml } from './rule-xml.ts';
import { scannerRule } from './scanner-rule.ts';

/** The files of rules that are made from the list of attacks, by path. */
export function attackRuleFiles(): ReadonlyMap<string, string> {
  const list = signatureList();
  return new Map([
    ['rules/riposte_scanners.xml', fileOf(SCANNERS, 'riposte,web,scanner,', [scannerRule(list)])],
    ['rules/riposte_web_attacks.xml', fileOf(ATTACKS, 'riposte,web,web_attack,', attackRules(list))],
  ]);
}

const fileOf = (comment: string, group: string, rules: readonly Rule[]): string =>
  `${comment}<group name="${group}">\n${rules.map(ruleXml).join('\n')}</group>\n`;

const MADE = `
  -  Made by npm run build from judgement/signatures/list, which riposte serve uses, too: add a line there, and do not
  -  change this file.
  -`;

const SCANNERS = `<!-- Riposte: attack tools that give their name (117040 - 117049).${MADE}
  -  The rule finds the user agent after status, size and referer: a name in the URL or in the referer does not count.
  -->
`;

const ATTACKS = `<!-- Riposte: requests that no visitor makes, and probes (117050 - 117069, 117110 - 117173).${MADE}
  -  117050 to 117058: one request is enough, with any answer. A GET with a page's address as referer may come from
  -  an image in another site's page, so it is a probe (117060), and a payload in a search raises no alert.
  -  117062: a payload that a person may send; in a search it raises no alert.
  -  117130 to 117136: paths of products that this site does not serve (404, 403, 400 ...), by families of products. A
  -  manager cannot count products, so 117140 to 117149 count three different URLs of at least two families within ten
  -  minutes (of one family for web shells, payloads and linked attacks), and 117061 raises them to level 10.
  -  117110 to 117129 and 117164 to 117173 hold patterns, and are never final: with noalert a rule leaves that to its
  -  children, or to the rules beside it. To leave out a path that you serve, write a rule of level 0 with if_sid
  -  117052 (or another final rule) in a file that is loaded after this one.
  -
  -  Patterns match the URL as it is logged. Signs may be percent-encoded, also twice; letters only in the names of
  -  hidden files, because a rule's pattern is limited to 4 KB. riposte serve decodes the whole URL.
  -->
`;
