import type { Dialect } from '../dialect.ts';
import type { List } from '../list/lookup.ts';

/** The definitions and levels to which rules refer. */
export interface RuleContext {
  dialect: Dialect;
  decoderNames: ReadonlySet<string>;
  /** The lists of the configuration, by path. */
  lists: ReadonlyMap<string, List>;
  /** The lowest level that is logged (`log_alert_level`), and the lowest level that is mailed (`email_alert_level`). */
  logLevel: number;
  mailLevel: number;
}
