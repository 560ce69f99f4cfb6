import type { Dialect } from '../dialect.ts';
import type { Pattern } from '../pattern/pattern.ts';
import type { Composite, SameField } from './rule.ts';

const SAME: Readonly<Record<string, SameField>> = {
  same_source_ip: 'srcip',
  same_src_port: 'srcport',
  same_dst_port: 'dstport',
  same_user: 'user',
  same_location: 'location',
  same_id: 'id',
};

const DIFFERENT: Readonly<Record<string, SameField>> = { different_url: 'url' };

/** Options that revoke a `same_…`. */
const NOT_SAME: Readonly<Record<string, SameField>> = {
  not_same_source_ip: 'srcip',
  not_same_user: 'user',
  not_same_id: 'id',
  not_same_agent: 'location',
};

/** Options that OSSEC reads and never uses. */
const WITHOUT_EFFECT = new Set(['different_srcip']);

/** Wazuh's names for the fields after `same_` and `different_`. */
const WAZUH_FIELDS: Readonly<Record<string, SameField>> = {
  source_ip: 'srcip',
  srcip: 'srcip',
  dstip: 'dstip',
  src_port: 'srcport',
  srcport: 'srcport',
  dst_port: 'dstport',
  dstport: 'dstport',
  user: 'dstuser',
  dstuser: 'dstuser',
  srcuser: 'srcuser',
  location: 'location',
  agent: 'location',
  id: 'id',
  url: 'url',
  data: 'data',
  extra_data: 'extra_data',
  protocol: 'protocol',
  action: 'action',
  status: 'status',
  system_name: 'system_name',
  srcgeoip: 'srcgeoip',
  dstgeoip: 'dstgeoip',
};

/** Collects the options of a composite rule. */
export class CompositeOptions {
  private readonly same = new Set<SameField>();
  private readonly different = new Set<SameField>();
  sid: number | undefined;
  group = '';
  log = '';

  constructor(private readonly dialect: Dialect) {}

  /**
   * Takes an option that restricts the counted events; returns false for any other option. In Wazuh, `text` names a
   * field.
   */
  take(name: string, text: string): boolean {
    if (this.dialect === 'wazuh' && this.takeWazuh(name, text)) return true;
    const same = SAME[name];
    const different = DIFFERENT[name];
    const notSame = NOT_SAME[name];
    if (same) this.same.add(same);
    else if (different) this.different.add(different);
    else if (notSame) this.same.delete(notSame);
    else return WITHOUT_EFFECT.has(name);
    return true;
  }

  /** True when the rule counts earlier events. */
  get isComposite(): boolean {
    return this.sid !== undefined || this.group !== '' || this.log !== '';
  }

  get isNarrowed(): boolean {
    return this.same.size + this.different.size > 0;
  }

  /**
   * @param frequency as written in the rule. In OSSEC the rule fires on event number frequency + 2, in Wazuh on event
   *   number frequency
   */
  build(
    frequency: number,
    timeframe: number,
    compile: (kind: 'osmatch' | 'osregex', text: string) => Pattern,
  ): Composite {
    const earlier = this.dialect === 'wazuh' ? Math.max(frequency - 1, 1) : frequency + 1;
    const { sid } = this;
    const source =
      sid !== undefined
        ? { sid }
        : this.group !== ''
          ? { group: compile('osmatch', this.group) }
          : { log: compile('osregex', this.log) };
    return {
      source,
      earlier,
      timeframe,
      same: [...this.same],
      different: [...this.different],
      marks: this.dialect,
    };
  }

  private takeWazuh(name: string, text: string): boolean {
    const [, kind, field] = /^(same|different|not_same)_(\w+)$/.exec(name) ?? [];
    if (!kind || !field) return false;
    const counted = field === 'field' ? text.trim() : WAZUH_FIELDS[field];
    if (!counted) return false;
    (kind === 'same' ? this.same : this.different).add(counted);
    return true;
  }
}
