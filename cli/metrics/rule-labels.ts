/** How many rules have a time series of their own for each metric. */
const MOST = 200;

/**
 * The values of the label `rule`, so few that a database of metrics bears them whatever comes: rule ids that have
 * blocked, `none` for a block without a rule, and `other` for what is more, or no rule id. Who has a series of his
 * own once has it for ever, as counters do not go down.
 */
export class RuleLabels {
  readonly #known: Set<string>;

  /** @param known the labels that there are already */
  constructor(
    known: Iterable<string> = [],
    private readonly most = MOST,
  ) {
    this.#known = new Set([...known].filter(isRule));
  }

  of(rule: unknown): string {
    if (rule === undefined || rule === null) return 'none';
    const text = String(rule);
    if (this.#known.has(text)) return text;
    if (!isRule(text) || this.#known.size >= this.most) return 'other';
    this.#known.add(text);
    return text;
  }
}

const isRule = (text: string): boolean => /^\d{1,8}$/.test(text);
