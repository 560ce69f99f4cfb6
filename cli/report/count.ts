/**
 * What is counted of an address, a rule, a request and so on; of each of them some of it has no meaning. One form for
 * all, and whole seconds: with a million of them that takes a half of the time and of the memory.
 */
export class Count {
  alerts = 0;
  blocks = 0;
  /** In seconds since 1970. */
  first = 0;
  last = 0;
  /** The highest number of an offence. */
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
