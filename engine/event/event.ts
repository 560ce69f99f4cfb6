import type { Category } from './category.ts';

/** Fields that a decoder's `<order>` can name, by OSSEC's internal names. `data` is also `extra_data`. */
export const FIELD_NAMES = [
  'srcuser',
  'dstuser',
  'srcip',
  'dstip',
  'srcport',
  'dstport',
  'protocol',
  'action',
  'id',
  'url',
  'data',
  'status',
  'systemname',
  'filename',
] as const;

export type FieldName = (typeof FIELD_NAMES)[number];

/** Fields that decide whether an event of a decoder is new (`<fts>`). */
export type FtsField =
  | 'dstuser'
  | 'srcuser'
  | 'srcip'
  | 'dstip'
  | 'id'
  | 'location'
  | 'data'
  | 'systemname'
  | 'name';

/** The part of an event's decoder that rules use. */
export interface DecodedBy {
  readonly name: string;
  readonly fts: ReadonlySet<FtsField>;
  readonly accumulates: boolean;
}

/** The part of a matched rule that readers of the event use. */
export interface MatchedRule {
  readonly id: number;
  readonly level: number;
  readonly group: string;
  readonly description: string;
  readonly info: readonly { readonly kind: string; readonly text: string }[];
  readonly mailsAlert: boolean;
  /** Set if the rule counts earlier events. */
  readonly composite?: object | undefined;
  readonly isCountedBySid: boolean;
  readonly countedByGroup: readonly MatchedRule[];
}

/** One log line in the engine. All texts are byte strings (latin1). */
export class Event {
  srcuser: string | undefined = undefined;
  dstuser: string | undefined = undefined;
  srcip: string | undefined = undefined;
  dstip: string | undefined = undefined;
  srcport: string | undefined = undefined;
  dstport: string | undefined = undefined;
  protocol: string | undefined = undefined;
  action: string | undefined = undefined;
  id: string | undefined = undefined;
  url: string | undefined = undefined;
  data: string | undefined = undefined;
  status: string | undefined = undefined;
  systemname: string | undefined = undefined;
  filename: string | undefined = undefined;
  /** Fields of other names, which decoders defined. */
  dynamic: Map<string, string> | undefined = undefined;

  /** The host that the line names, else the host that reads it. */
  hostname = '';
  programName: string | undefined = undefined;
  /** The part of the line for decoders and rules: without date, host and program. */
  log = '';
  /** The line's origin: a file name, or `stdin`. */
  location = '';

  decoder: DecodedBy | undefined = undefined;
  /** Selects the rules to try: the decoder's kind of log, unless a plugin sets another. */
  category: Category = 'syslog';
  /** The id of the rule that another server has found; see decodeOssecAlert. */
  forwardedRule: string | undefined = undefined;
  /** The final rule, if any matched. */
  rule: MatchedRule | undefined = undefined;
  /** The final rule raises an alert: it has a level and is not ignored at this time. */
  isAlert = false;
  /** The level of the composite rule that has counted this event; 0 if none. */
  matched = 0;
  /** The fields that the decoder found, in order; only for logtest. */
  found: [name: string, value: string][] | undefined = undefined;

  private lowerLog: string | undefined = undefined;
  private lowerUrl: string | undefined = undefined;

  /**
   * @param fullLog the whole line
   * @param time when it happened, in seconds since 1970
   */
  constructor(
    readonly fullLog: string,
    readonly time: number,
  ) {}

  get logLower(): string {
    this.lowerLog ??= this.log.toLowerCase();
    return this.lowerLog;
  }

  get urlLower(): string {
    this.lowerUrl ??= (this.url ?? '').toLowerCase();
    return this.lowerUrl;
  }
}
