import type { Json } from './yaml.ts';

/** A document of JSON. */
export type Document = { readonly [key: string]: Json };

/** An integration, a decoder or a rule: its name or title identifies it. */
export type Resource = Document & {
  readonly metadata: Document & { readonly title: string; readonly author: string };
};

/** A line of a log, and the titles of the rules that must match it. */
export interface LogtestSample {
  readonly location: string;
  readonly event: string;
  readonly rules: readonly string[];
}

/** Riposte's content for Wazuh 5, as build/wazuh5-pack makes it. */
export interface Pack {
  /** The version of Riposte; in an indexer it is in the integration's documentation. */
  readonly version: string;
  readonly integration: Resource;
  /** Only for a policy without a root decoder. */
  readonly rootDecoder: Resource;
  /** In the order in which the engine tries them. */
  readonly decoders: readonly Resource[];
  readonly rules: readonly Resource[];
  readonly logtest: readonly LogtestSample[];
  /** The detector, without the rules' ids. */
  readonly detector: Document;
  readonly channel: Document;
  /** The monitor, whose action names the channel by CHANNEL. */
  readonly monitor: Document;
}

/** Stands for the id of the channel in the monitor. */
export const CHANNEL_ID = 'CHANNEL';

/** The end of the descriptions of channel, detector and monitor. Riposte recognizes them by it. */
export const MADE = 'Made by riposte wazuh5 install.';

/** The author of integration, decoders and rules. */
export const AUTHOR = 'Riposte';
