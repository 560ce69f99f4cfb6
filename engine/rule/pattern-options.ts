import type { Dialect } from '../dialect.ts';
import { configError } from '../failure.ts';
import { compilePattern, type Pattern, type PatternKind } from '../pattern/pattern.ts';
import type { Element } from '../xml/element.ts';
import type { NamedCondition, Rule } from './rule.ts';
import { patternCondition } from './subject.ts';

type Group = NamedCondition['group'];

/** Options with a pattern in OSSEC's own dialect, and the group in which OSSEC checks them. */
const OPTIONS: Readonly<Record<string, { kind: PatternKind; group: Group }>> = {
  match: { kind: 'osmatch', group: 'always' },
  regex: { kind: 'osregex', group: 'always' },
  program_name: { kind: 'osmatch', group: 'always' },
  id: { kind: 'osmatch', group: 'always' },
  url: { kind: 'osmatch', group: 'always' },
  srcport: { kind: 'osmatch', group: 'packet' },
  dstport: { kind: 'osmatch', group: 'packet' },
  user: { kind: 'osmatch', group: 'extra' },
  hostname: { kind: 'osmatch', group: 'extra' },
  status: { kind: 'osmatch', group: 'extra' },
  extra_data: { kind: 'osmatch', group: 'extra' },
};

/** Wazuh's additional options. */
const WAZUH_OPTIONS: typeof OPTIONS = {
  ...OPTIONS,
  protocol: { kind: 'osmatch', group: 'always' },
  system_name: { kind: 'osmatch', group: 'always' },
  data: { kind: 'osmatch', group: 'always' },
  location: { kind: 'osmatch', group: 'always' },
  // Countries: Wazuh's packages are built without GeoIP, so no event has a country, and these options never match.
  srcgeoip: { kind: 'osmatch', group: 'extra' },
  dstgeoip: { kind: 'osmatch', group: 'extra' },
};

interface Part {
  option: Element;
  name: string;
  kind: PatternKind;
  group: Group;
  text: string;
  isNegated: boolean;
}

/** Collects the patterns of a rule: several elements of one name form one pattern. */
export class PatternOptions {
  private readonly parts = new Map<string, Part>();

  constructor(
    private readonly rule: Rule,
    private readonly dialect: Dialect,
  ) {}

  /** Takes the element when it is a pattern; returns false otherwise. */
  take(name: string, option: Element): boolean {
    const options = this.dialect === 'wazuh' ? WAZUH_OPTIONS : OPTIONS;
    const base = name === 'pcre2' ? 'regex' : name.replace(/_pcre2$/, '');
    if (!Object.hasOwn(options, base)) return false;
    const known = options[base];
    if (!known) return false;
    const part = this.parts.get(name);
    const kind = name === base ? known.kind : 'pcre2';
    if (part) {
      part.text += option.text;
      // In Wazuh, the last element decides the kind and the negation of the whole pattern.
      if (this.dialect === 'wazuh') Object.assign(part, this.attributes(option, kind));
      return true;
    }
    this.parts.set(name, {
      option,
      name: base,
      group: known.group,
      text: option.text,
      ...this.attributes(option, kind),
    });
    return true;
  }

  /**
   * Returns the conditions. If a rule tests one text by a pattern of OSSEC and by a PCRE2 pattern, OSSEC checks only
   * its own pattern. For the url, it checks both.
   */
  conditions(): NamedCondition[] {
    const found: NamedCondition[] = [];
    for (const [option, part] of this.parts) {
      if (option !== part.name && part.name !== 'url' && this.parts.has(part.name)) continue;
      // Wazuh marks a PCRE2 pattern by an attribute, and matches it case-sensitively.
      const caseless = option !== part.name;
      const pattern = this.compile(part.option, part.kind, part.text, caseless);
      found.push({
        option,
        group: part.group,
        condition: patternCondition(part.name, pattern, part.isNegated),
      });
    }
    return found;
  }

  /** Compiles a pattern of this rule. @throws RiposteError naming file, line and rule */
  compile(option: Element, kind: PatternKind, text: string, caseless = true): Pattern {
    try {
      // In Wazuh, a `!` at the start of an OS_Match pattern negates the pattern, as negate="yes" does. OSSEC has
      // neither.
      if (this.dialect === 'wazuh' && kind === 'osmatch' && text.startsWith('!'))
        return negated(compilePattern(kind, text.slice(1)));
      return compilePattern(kind, text, caseless);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw configError(option.position, `'${option.name}' of rule ${this.rule.id}: ${why}`);
    }
  }

  /** Reads `type` and `negate`, which only Wazuh knows. Skips the `ignored` attributes, which have another meaning. */
  attributes(
    option: Element,
    kind: PatternKind,
    ignored: string[] = [],
  ): { kind: PatternKind; isNegated: boolean } {
    let isNegated = false;
    let chosen = kind;
    for (const { name, value } of option.attributes) {
      if (ignored.includes(name)) continue;
      const type = value.toLowerCase();
      if (this.dialect === 'wazuh' && name === 'negate') isNegated = type === 'yes';
      else if (this.dialect === 'wazuh' && name === 'type' && isKind(type)) chosen = type;
      else if (this.dialect === 'wazuh') {
        throw configError(
          option.position,
          `'${option.name}' of rule ${this.rule.id} has an unknown ${name}="${value}"`,
        );
      }
    }
    return { kind: chosen, isNegated };
  }
}

/** A pattern that matches exactly the subjects that the given pattern does not match. */
const negated = (pattern: Pattern): Pattern => ({
  source: `!${pattern.source}`,
  degree: pattern.degree,
  firstBytes: undefined,
  test: (subject, lower) => !pattern.test(subject, lower),
  end: (subject) => (pattern.end(subject) < 0 ? subject.length : -1),
  exec: () => null,
});

function isKind(text: string): text is PatternKind {
  return text === 'osmatch' || text === 'osregex' || text === 'pcre2';
}
