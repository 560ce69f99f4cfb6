import type { Dialect } from '../dialect.ts';
import { configError } from '../failure.ts';
import { compilePattern, type Pattern, type PatternKind } from '../pattern/pattern.ts';
import type { Element } from '../xml/element.ts';
import type { Offset } from './decoder.ts';

type PartName = 'program_name' | 'prematch' | 'regex';

/** The elements that contain a pattern, and the pattern of each. */
const ELEMENTS: Readonly<Record<string, { part: PartName; isPcre2: boolean }>> = {
  program_name: { part: 'program_name', isPcre2: false },
  program_name_pcre2: { part: 'program_name', isPcre2: true },
  prematch: { part: 'prematch', isPcre2: false },
  prematch_pcre2: { part: 'prematch', isPcre2: true },
  regex: { part: 'regex', isPcre2: false },
  pcre2: { part: 'regex', isPcre2: true },
};

const OFFSETS: readonly string[] = ['after_parent', 'after_prematch', 'after_regex'] satisfies Offset[];

interface Part {
  text: string;
  offset: Offset;
  option: Element;
  /** The kind that an attribute sets; undefined for the element's own kind. */
  type: PatternKind | undefined;
}

/** Collects the patterns of a decoder: several elements of one name form one pattern. */
export class PatternParts {
  private readonly parts = new Map<string, Part>();

  constructor(
    private readonly decoder: string,
    private readonly dialect: Dialect,
  ) {}

  /** Takes the element when it belongs to a pattern; returns false otherwise. */
  take(name: string, option: Element): boolean {
    const known = ELEMENTS[name];
    if (!known) return false;
    const { offset, type } = this.attributes(option);
    const key = keyOf(known.part, known.isPcre2);
    const part = this.parts.get(key);
    if (!part) {
      this.parts.set(key, { text: option.text, offset: offset ?? 'start', option, type });
      return true;
    }
    // In Wazuh, the last element decides the kind of the whole pattern.
    part.type = type;
    if (offset)
      throw configError(
        option.position,
        `only the first '${option.name}' of decoder '${this.decoder}' may have an offset`,
      );
    part.text += option.text;
    return true;
  }

  /** Compiles a pattern. As in OSSEC, a pattern in OSSEC's own dialect precedes a pattern in PCRE2. */
  compile(name: PartName, ownKind: PatternKind): Pattern | undefined {
    const own = this.parts.get(keyOf(name, false));
    const part = own ?? this.parts.get(keyOf(name, true));
    if (!part) return undefined;
    try {
      // Wazuh's PCRE2 is case-sensitive, OSSEC's is not.
      return compilePattern(part.type ?? (own ? ownKind : 'pcre2'), part.text, part.type === undefined);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw configError(part.option.position, `'${part.option.name}' of decoder '${this.decoder}': ${why}`);
    }
  }

  /** True for a pattern that is marked as PCRE2 in Wazuh's way, `type="pcre2"`. */
  isTypedPcre2(name: PartName): boolean {
    return this.parts.get(keyOf(name, false))?.type === 'pcre2';
  }

  offset(name: PartName): Offset {
    const offset = this.parts.get(keyOf(name, true))?.offset ?? 'start';
    return offset === 'start' ? (this.parts.get(keyOf(name, false))?.offset ?? 'start') : offset;
  }

  private attributes(option: Element): { offset: Offset | undefined; type: PatternKind | undefined } {
    let offset: Offset | undefined;
    let type: PatternKind | undefined;
    for (const { name, value } of option.attributes) {
      if (name === 'offset' && OFFSETS.includes(value)) offset = value as Offset;
      else if (this.dialect === 'wazuh' && name === 'type' && isWazuhType(value))
        type = value.toLowerCase() as PatternKind;
      else
        throw configError(
          option.position,
          `'${option.name}' of decoder '${this.decoder}' has an unknown ${name}="${value}"`,
        );
    }
    return { offset, type };
  }
}

/** OSSEC keeps the patterns of its own dialect and of PCRE2 apart. */
const keyOf = (part: PartName, isPcre2: boolean) => `${part} ${isPcre2}`;

function isWazuhType(value: string): boolean {
  return ['pcre2', 'osregex', 'osmatch'].includes(value.toLowerCase());
}
