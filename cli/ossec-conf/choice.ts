/** What an administrator chooses of our rules. */
export interface Choice {
  /** The web server is behind a proxy: clients by X-Forwarded-For, answered by Apache. */
  readonly isBehindProxy: boolean;
  /** Bursts are counted of all 4xx, whatever the request: dear to a manager that gets hundreds of them a second. */
  readonly countsAll4xx: boolean;
}

/** The file of rules for that, which goes behind all others. */
export const ALL_4XX = 'riposte_web_bursts_any.xml';

/** Whether a file of rules or decoders is wanted. @param path of one, or its name */
export const isWanted = (path: string, { isBehindProxy, countsAll4xx }: Choice): boolean =>
  (isBehindProxy || !path.includes('behind_proxy')) && (countsAll4xx || !path.endsWith(ALL_4XX));
