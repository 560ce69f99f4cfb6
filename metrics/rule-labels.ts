/** The most rules with a time series of their own in each metric. */
const MOST = 200;

/**
 * The values of the label `rule`, few enough for any metrics database: the ids of rules that have blocked, `none` for
 * a block without a rule, and `other` for further rules and for invalid ids. A rule keeps its time series for ever,
 * because counters must not go down.
 */
export class RuleLabels {
  readonly #known: Set<string>;

  /** @param known the labels in use already */
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
