import type { Home } from '../../active-response/home.ts';
import type { CrowdsecSettings } from '../../active-response/settings/crowdsec-settings.ts';
import { EX, RiposteError } from '../../base/errors.ts';
import { readIfThere } from '../../base/files.ts';
import { type ReadDecision, readDecision, wantedBy } from './decision.ts';
import { askLapi, type LapiAnswer, type LapiRequest, refusal } from './lapi-request.ts';
import { keyFile, passwordFile, readSecret } from './secrets.ts';

/** A LAPI on this host, where CrowdSec listens by default. */
export const LAPI_HERE = 'http://127.0.0.1:8080';

/** A token is renewed this long before its end, in milliseconds. */
const EARLY = 120_000;

/** The most unreadable decisions that are kept for a message. */
const MOST_WRONG = 1_000;

/** The decisions in an answer: new decisions, and ended decisions. */
export interface Stream {
  readonly added: readonly ReadDecision[];
  readonly deleted: readonly ReadDecision[];
}

/** A client of CrowdSec's local API: reads decisions with a bouncer's key, and reports blocks as a machine. */
export class Lapi {
  /** The addresses from which the LAPI has answered. */
  readonly peers = new Set<string>();
  #token: { readonly text: string; readonly until: number } | undefined;

  constructor(
    readonly home: Home,
    readonly settings: CrowdsecSettings,
  ) {}

  /** The LAPI's address without its path, for messages. */
  get origin(): string {
    return new URL(this.settings.crowdsecUrl).origin;
  }

  /**
   * Pulls decisions. The LAPI keeps the time of a bouncer's last pull, so the next delta does not contain the same
   * decisions again, even if the answer was lost.
   *
   * @param isWhole true for all decisions; false for the changes since the last pull
   * @throws RiposteError (UNAVAILABLE, CONFIG, NOPERM, IOERR)
   */
  async stream(isWhole: boolean): Promise<Stream> {
    // Without dedup, the LAPI sends all decisions about an address, each with its id. With dedup, the deletion of the
    // longest decision would hide the other decisions.
    const query = `startup=${isWhole}&dedup=false&scopes=${this.settings.crowdsecScopes.join(',')}`;
    const wanted = wantedBy(this.settings);
    const lists: Record<string, ReadDecision[]> = { new: [], deleted: [] };
    let wrong = 0;
    const answer = await this.#asBouncer(`/v1/decisions/stream?${query}`, (key, item) => {
      const decision = readDecision(item, wanted, key === 'deleted');
      const isWrong = decision instanceof RiposteError;
      if (!isWrong || wrong++ < MOST_WRONG) lists[key]?.push(decision);
    });
    const { new: added = [], deleted = [] } = lists;
    if (typeof answer.json !== 'object' || answer.json === null || !('new' in answer.json))
      throw this.#unexpected(answer);
    return { added, deleted };
  }

  /** Checks URL, certificate and key without pulling. @throws RiposteError as stream() does */
  async check(): Promise<void> {
    const answer = await this.#asBouncer('/v1/decisions?ip=192.0.2.1');
    if (answer.json !== null && !Array.isArray(answer.json)) throw this.#unexpected(answer);
  }

  /** Logs the machine in, unless it is logged in. @throws RiposteError (UNAVAILABLE, CONFIG, NOPERM, IOERR) */
  async login(): Promise<string> {
    if (this.#token && this.#token.until > Date.now() + EARLY) return this.#token.text;
    const { crowdsecMachine } = this.settings;
    const file = passwordFile(this.home, this.settings);
    const body = { machine_id: crowdsecMachine, password: readSecret(file, 'CROWDSEC_PASSWORD_FILE') };
    const answer = await this.#ask('/v1/watchers/login', { method: 'POST', headers: {}, body });
    if (answer.status === 401 || answer.status === 403)
      throw new RiposteError(
        EX.CONFIG,
        `CrowdSec's LAPI at ${this.origin} refuses the machine ${crowdsecMachine} (HTTP ${answer.status} ${answer.text}): check cscli machines list; the password is in ${file}`,
      );
    const { token, expire } = (answer.json ?? {}) as Record<string, unknown>;
    if (answer.status !== 200 || typeof token !== 'string') throw this.#unexpected(answer);
    const until = Date.parse(String(expire));
    this.#token = { text: token, until: Number.isNaN(until) ? Date.now() + 10 * 60_000 : until };
    return token;
  }

  /**
   * Sends a request as the machine. Logs in again if the LAPI refuses the token.
   *
   * @returns the answer, which may be a refusal of the content (HTTP 400 to 499)
   * @throws RiposteError (UNAVAILABLE, CONFIG, NOPERM, IOERR) when it may succeed later
   */
  async asMachine(method: 'POST' | 'DELETE', path: string, body?: unknown): Promise<LapiAnswer> {
    for (let tries = 1; ; tries++) {
      const headers = { Authorization: `Bearer ${await this.login()}` };
      const answer = await this.#ask(path, { method, headers, body });
      const { status } = answer;
      const isRefusedContent = status >= 400 && status < 500 && ![401, 403, 404, 408, 429].includes(status);
      if ((status >= 200 && status < 300) || isRefusedContent) return answer;
      this.#token = undefined;
      if (status !== 401 || tries > 1) throw this.#unexpected(answer);
    }
  }

  async #asBouncer(path: string, onItem?: LapiRequest['onItem']): Promise<LapiAnswer> {
    const file = keyFile(this.home, this.settings);
    // Read the key each time, so that the next pull uses a new key.
    const headers = { 'X-Api-Key': readSecret(file, 'CROWDSEC_KEY_FILE') };
    const answer = await this.#ask(path, { headers, ...(onItem && { onItem }) });
    if (answer.status === 401 || answer.status === 403)
      throw new RiposteError(
        EX.CONFIG,
        `CrowdSec's LAPI at ${this.origin} refuses the key in ${file} (HTTP ${answer.status}): make a new key by cscli bouncers add NAME -o raw, and write it into this file`,
      );
    if (answer.status !== 200) throw this.#unexpected(answer);
    return answer;
  }

  #ask(path: string, how: Pick<LapiRequest, 'method' | 'headers' | 'body' | 'onItem'>): Promise<LapiAnswer> {
    const { crowdsecUrl, crowdsecCa } = this.settings;
    const ca = crowdsecCa === '' ? undefined : readIfThere(crowdsecCa, { followsLinks: true });
    if (crowdsecCa !== '' && ca === undefined)
      throw new RiposteError(EX.CONFIG, `there is no ${crowdsecCa} (CROWDSEC_CA)`);
    return askLapi({ ...how, url: `${crowdsecUrl}${path}`, ca, onPeer: (peer) => this.peers.add(peer) });
  }

  #unexpected({ status, json, text }: LapiAnswer): RiposteError {
    const what = json === undefined ? 'and no JSON' : 'and unexpected JSON';
    const said = status === 200 ? `answers HTTP 200 ${what}` : `answers HTTP ${status}`;
    return refusal(this.origin, `${said}: '${text}'; check CROWDSEC_URL`);
  }
}
