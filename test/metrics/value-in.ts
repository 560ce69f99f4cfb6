/** The value of a metric with these labels in the exposition format; NaN if it is missing. */
export const valueIn = (text: string, metric: string): number =>
  Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${metric} `))
      ?.split(' ')
      .at(-1),
  );
