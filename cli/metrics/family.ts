/** One value of a metric, and what tells it from its others. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Of a summary: which part of it this is. */
  readonly suffix?: '_sum' | '_count';
}

/** A metric as Prometheus knows it: its name in base units, and its values. Without any it is not told of. */
export interface Family {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'summary';
  /** One sentence, for who reads the metrics. */
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** A metric that has one value. */
export const single = (name: string, type: 'counter' | 'gauge', help: string, value: number): Family => ({
  name,
  type,
  help,
  samples: [{ labels: {}, value }],
});

/** A metric with a value for each value of one label. */
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
