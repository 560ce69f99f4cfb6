import type { Address } from '../../base/address.ts';

/** The most look-ups that run at once: in all, and for the addresses of one network, whose name servers may be slow. */
const MOST_RUNNING = 64;
const MOST_OF_NETWORK = 8;
/** The most look-ups that may wait: in all, and for the addresses of one network. */
const MOST_WAITING = 1000;
const MOST_WAITING_OF_NETWORK = 64;
/**
 * The longest wait, in milliseconds. A look-up that has waited longer is dropped, because the decision that needed it
 * has been made without it.
 */
const LONGEST_WAIT = 2000;

interface Task {
  readonly network: string;
  readonly since: number;
  readonly run: () => Promise<void>;
  readonly onDrop: () => void;
}

/**
 * Runs look-ups: a bounded number at once, and fewer for the addresses of one network (IPv4 /16, IPv6 /32). So an
 * attacker with slow name servers and many addresses delays only the look-ups of these addresses.
 */
export class LookUpQueue {
  readonly #running = new Map<string, number>();
  #allRunning = 0;
  #waiting: Task[] = [];

  /** @param clock milliseconds of a monotonic clock */
  constructor(private readonly clock = () => performance.now()) {}

  /**
   * Runs a look-up as soon as the limits allow it.
   *
   * @param run must not reject
   * @param onDrop is called if the look-up will not run
   * @returns false if too many look-ups wait
   */
  add(address: Address, run: () => Promise<void>, onDrop: () => void): boolean {
    this.#dropLate();
    const network = networkOf(address);
    const task: Task = { network, since: this.clock(), run, onDrop };
    if (this.#mayRun(task)) this.#run(task);
    else if (this.#hasRoomFor(task)) this.#waiting.push(task);
    else return false;
    return true;
  }

  #mayRun({ network }: Task): boolean {
    return this.#allRunning < MOST_RUNNING && (this.#running.get(network) ?? 0) < MOST_OF_NETWORK;
  }

  #hasRoomFor({ network }: Task): boolean {
    const ofNetwork = this.#waiting.filter((each) => each.network === network).length;
    return this.#waiting.length < MOST_WAITING && ofNetwork < MOST_WAITING_OF_NETWORK;
  }

  #run(task: Task): void {
    this.#allRunning++;
    this.#running.set(task.network, (this.#running.get(task.network) ?? 0) + 1);
    void task.run().finally(() => this.#ended(task));
  }

  #ended({ network }: Task): void {
    this.#allRunning--;
    const left = (this.#running.get(network) ?? 1) - 1;
    if (left > 0) this.#running.set(network, left);
    else this.#running.delete(network);
    this.#dropLate();
    const next = this.#waiting.findIndex((task) => this.#mayRun(task));
    const [task] = next < 0 ? [] : this.#waiting.splice(next, 1);
    if (task) this.#run(task);
  }

  #dropLate(): void {
    const now = this.clock();
    while (this.#waiting[0] && now - this.#waiting[0].since > LONGEST_WAIT) this.#waiting.shift()?.onDrop();
  }
}

function networkOf({ family, value }: Address): string {
  return `${family} ${value >> (family === 4 ? 16n : 96n)}`;
}
