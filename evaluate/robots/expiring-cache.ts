import { keepNewest } from '../../base/keep-newest.ts';

/** A bounded cache whose entries all last equally long. The oldest entry is forgotten first. */
export class ExpiringCache<T> {
  readonly #entries = new Map<string, { readonly value: T; readonly until: number }>();

  /** @param lifetime in milliseconds @param most the maximum number of entries */
  constructor(
    private readonly lifetime: number,
    private readonly most: number,
    private readonly clock: () => number,
  ) {}

  get(key: string): T | undefined {
    const entry = this.#entries.get(key);
    return entry && entry.until > this.clock() ? entry.value : undefined;
  }

  set(key: string, value: T): void {
    this.#entries.delete(key);
    this.#entries.set(key, { value, until: this.clock() + this.lifetime });
    keepNewest(this.#entries, this.most);
  }
}
