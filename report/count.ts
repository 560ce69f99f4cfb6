/**
 * The counts of an address, a rule, a request and so on. Not every field is used for each of these. But if all counts
 * have the same shape, with whole seconds, a million counts take half the time and memory.
 */
export class Count {
  alerts = 0;
  blocks = 0;
  /** In seconds since 1970. */
  first = 0;
  last = 0;
  /** The highest offence number. */
  offence = 0;
  level = -1;
  /** The last rule. */
  rule = '';
  /** The description of a rule, an example of a request, the network of an address. */
  text = '';

  constructor(readonly name: string) {}

  /** @param time in seconds */
  add(time: number, isBlock: boolean): void {
    if (this.alerts++ === 0 || time < this.first) this.first = time;
    if (isBlock) this.blocks++;
    if (time > this.last) this.last = time;
  }
}
