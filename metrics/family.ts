/** One value of a metric, and the labels that distinguish it from the metric's other values. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** In a summary: whether the value is the sum or the count. */
  readonly suffix?: '_sum' | '_count';
}

/** A metric family of Prometheus: its name, with a base unit, and its values. A family without values is left out. */
export interface Family {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'summary';
  /** One sentence for people who read the metrics. */
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** Makes a metric with one value. */
export const single = (name: string, type: 'counter' | 'gauge', help: string, value: number): Family => ({
  name,
  type,
  help,
  samples: [{ labels: {}, value }],
});

/** Makes a metric with a value for each value of one label. */
export const by = (
  label: string,
  name: string,
  type: 'counter' | 'gauge',
  help: string,
  values: Iterable<readonly [string, number]>,
): Family => ({
  name,
  type,
  help,
  samples: [...values].map(([each, value]) => ({ labels: { [label]: each }, value })),
});
