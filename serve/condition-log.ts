/** Logs a lasting problem when it begins, changes and ends, instead of each time that a check finds it. */
export class ConditionLog {
  readonly #current = new Map<string, string>();

  constructor(private readonly say: (text: string) => void) {}

  /** @param what the thing that has the problem @param message the problem */
  begin(what: string, message: string): void {
    if (this.#current.get(what) === message) return;
    this.#current.set(what, message);
    this.say(message);
  }

  end(what: string): void {
    if (this.#current.delete(what)) this.say(`${what}: the problem is over`);
  }
}
