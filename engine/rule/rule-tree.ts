import type { Dialect } from '../dialect.ts';
import { configError } from '../failure.ts';
import { overwrite } from './overwrite.ts';
import type { NamedCondition, Rule, RuleNode } from './rule.ts';
import { wordMatch } from './word-match.ts';

/** The rules of a ruleset, as a tree. */
export interface RuleTree {
  roots: RuleNode[];
  byId: Map<number, Rule>;
}

/** Rules below this id are roots: one for each category of log. */
const FIRST_CHILD_ID = 10;

/**
 * Puts each rule under the rules that it extends. A rule is added when it is read, so it can extend only earlier rules;
 * a rule with several parents is in the tree several times.
 *
 * @throws RiposteError (CONFIG) for a duplicate id or a missing parent
 */
export function ruleTree(rules: Rule[], dialect: Dialect): RuleTree {
  const tree: RuleTree = { roots: [], byId: new Map() };
  for (const rule of rules) {
    const known = tree.byId.get(rule.id);
    if (rule.overwrites) {
      if (!known) throw configError(rule.position, `rule ${rule.id} overwrites a rule that does not exist`);
      // Wazuh does not load a rule with a list that ossec.conf does not name.
      const isLoaded = dialect === 'ossec' || rule.lists.every(({ list }) => list);
      if (isLoaded) overwrite(known, rule, dialect);
      continue;
    }
    if (known)
      throw configError(
        rule.position,
        `rule ${rule.id} is already defined at ${known.position.file}:${known.position.line}`,
      );
    tree.byId.set(rule.id, rule);
    if (rule.id < FIRST_CHILD_ID) insert(tree.roots, rule);
    else addChild(tree, rule);
    markCounted(tree, rule);
  }
  for (const rule of tree.byId.values()) {
    const cheapFirst = rule.conditions.toSorted((a, b) => costOf(a) - costOf(b));
    rule.checks = cheapFirst.map(({ condition }) => condition);
  }
  return tree;
}

/**
 * The cost of a condition: a search in the whole line costs most, then a search in the URL. Cheap conditions are
 * checked first.
 */
function costOf({ option }: NamedCondition): number {
  if (['match', 'match_pcre2', 'regex', 'pcre2', 'field'].includes(option)) return 3;
  if (option === 'url' || option === 'url_pcre2') return 2;
  return option === 'compiled_rule' ? 1 : 0;
}

function addChild(tree: RuleTree, rule: Rule): void {
  const { ifSid, ifLevel, ifGroup, position } = rule;
  const fail = (what: string) =>
    configError(position, `rule ${rule.id} extends ${what}, which does not exist`);
  if (ifSid.length > 0) {
    for (const sid of ifSid) if (!addUnderSid(tree.roots, sid, rule)) throw fail(`rule ${sid} (if_sid)`);
  } else if (ifLevel !== undefined) {
    const weight = ifLevel * 100;
    if (!addUnder(tree.roots, (parent) => parent.weight >= weight, rule))
      throw fail(`a rule of level ${ifLevel} (if_level)`);
  } else if (ifGroup !== undefined) {
    if (!addUnder(tree.roots, (parent) => wordMatch(ifGroup, parent.group), rule))
      throw fail(`group '${ifGroup}' (if_group)`);
  } else {
    const root = tree.roots.find((candidate) => candidate.rule.category === rule.category);
    if (!root) throw fail(`a rule below ${FIRST_CHILD_ID} of category '${rule.category}'`);
    insert(root.children, rule);
  }
}

/** Adds the rule under each copy of rule `sid`, but does not search the later siblings of a found copy. */
function addUnderSid(nodes: RuleNode[], sid: number, rule: Rule): boolean {
  let isFound = false;
  for (const node of nodes) {
    if (node.rule.id === sid) {
      rule.category = node.rule.category;
      insert(node.children, rule);
      return true;
    }
    if (addUnderSid(node.children, sid, rule)) isFound = true;
  }
  return isFound;
}

function addUnder(nodes: RuleNode[], fits: (parent: Rule) => boolean, rule: Rule): boolean {
  let isFound = false;
  for (const node of nodes) {
    if (node.rule !== rule && fits(node.rule)) {
      insert(node.children, rule);
      isFound = true;
    }
    if (addUnder(node.children, fits, rule)) isFound = true;
  }
  return isFound;
}

/** Inserts by order: level 0 first, then the higher level, then the earlier rule. */
function insert(siblings: RuleNode[], rule: Rule): void {
  const at = siblings.findIndex((sibling) => rule.weight > sibling.rule.weight);
  siblings.splice(at < 0 ? siblings.length : at, 0, { rule, children: [] });
}

/**
 * Marks the existing rules whose events `counter` counts. A rule that is in the tree several times is marked for a
 * group several times, and then its events count several times, as in OSSEC (OS_MarkGroup in
 * src/analysisd/rules_list.c).
 */
function markCounted(tree: RuleTree, counter: Rule): void {
  const source = counter.composite?.source;
  if (!source || 'log' in source) return;
  if ('sid' in source) {
    const counted = tree.byId.get(source.sid);
    if (counted) counted.isCountedBySid = true;
    return;
  }
  const visit = (nodes: RuleNode[]): void => {
    for (const { rule, children } of nodes) {
      if (source.group.test(rule.group, rule.group.toLowerCase())) rule.countedByGroup.push(counter);
      visit(children);
    }
  };
  visit(tree.roots);
}
