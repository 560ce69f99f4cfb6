import type { Category, Decoder } from '../decoder/decoder.ts';
import type { Rule } from '../rule/rule.ts';

/** Fields that a decoder's `<order>` can name, as OSSEC calls them inside. `data` is also `extra_data`. */
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

/** One log line on its way through the engine. All texts are byte strings (latin1). */
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
  /** Fields by their own names, from decoders that name others than those above. */
  dynamic: Map<string, string> | undefined = undefined;

  /** The host that the line names, else the one that reads it. */
  hostname = '';
  programName: string | undefined = undefined;
  /** The part of the line that decoders and rules look at: without date, host and program. */
  log = '';
  /** Where the line comes from: a file name, or `stdin`. */
  location = '';

  decoder: Decoder | undefined = undefined;
  /** What rules look at the event; the decoder's kind of log, unless a plugin knows better. */
  category: Category = 'syslog';
  /** The id of the rule that another server has already found; see decodeOssecAlert. */
  forwardedRule: string | undefined = undefined;
  /** The final rule, if any matched. */
  rule: Rule | undefined = undefined;
  /** The final rule raises an alert: it has a level and is not ignored at this time. */
  isAlert = false;
  /** The level of the composite rule that has counted this event; 0 when none has. */
  matched = 0;
  /** What the decoder found, in its order; only kept for logtest. */
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
