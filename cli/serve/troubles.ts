/** Says what goes wrong again and again once: when it begins, when it changes, and when it is over. */
export class Troubles {
  readonly #current = new Map<string, string>();

  constructor(private readonly say: (text: string) => void) {}

  /** @param what names the thing @param message says what is wrong with it */
  begin(what: string, message: string): void {
    if (this.#current.get(what) === message) return;
    this.#current.set(what, message);
    this.say(message);
  }

  end(what: string): void {
    if (this.#current.delete(what)) this.say(`${what}: all is well again`);
  }
}
