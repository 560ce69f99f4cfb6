import type { Dialect } from '../dialect.ts';
import type { Condition } from './condition.ts';

/** The functions for `<compiled_rule>`: src/analysisd/compiled_rules/generic_samples.c. */
const COMPILED_RULES: Readonly<Record<string, Condition>> = {
  /** The two users are equal, or one is missing. */
  comp_srcuser_dstuser: ({ srcuser, dstuser }) => !srcuser || !dstuser || srcuser === dstuser,

  check_id_size: ({ id }) => id !== undefined && id.length >= 10,

  /** A Windows event in which one account changes another. */
  comp_mswin_targetuser_calleruser_diff: ({ log }) => {
    const target = accountAfter(log, 'Target Account Name');
    const caller = accountAfter(log, 'Caller User Name');
    return target !== undefined && caller !== undefined && target !== caller;
  },

  /** A GET without a query: OSSEC's rules use this to skip the attack rules. */
  is_simple_http_request: ({ url, action }) =>
    url !== undefined && (action === undefined || action.toUpperCase() === 'GET') && !url.includes('?'),

  /**
   * The address blocks of well-known crawlers. OSSEC also looks up in DNS whether the line's first word belongs to
   * googlebot.com; the engine makes no look-ups, so that a result depends only on the line.
   */
  is_valid_crawler: ({ log }) => CRAWLERS.some((prefix) => log.startsWith(prefix)),
};

/** The functions that differ in Wazuh. */
const WAZUH_RULES: typeof COMPILED_RULES = {
  ...COMPILED_RULES,

  /** Any request without a query: Wazuh does not look at the method. */
  is_simple_http_request: ({ url }) => url !== undefined && !url.includes('?'),

  /** Wazuh recognizes Google's addresses by their address block, and does not query DNS. */
  is_valid_crawler: ({ log }) => ['66.249.', ...CRAWLERS].some((prefix) => log.startsWith(prefix)),
};

const CRAWLERS = ['72.14.', '209.85.', '65.55.', '207.46.', '74.6.', '72.30.', '67.195.'];

function accountAfter(log: string, label: string): string | undefined {
  const at = log.indexOf(label);
  const colon = at < 0 ? -1 : log.indexOf(':', at);
  return colon < 0 ? undefined : log.slice(colon + 1).split(/\t| {2}/, 1)[0];
}

export function compiledRule(name: string, dialect: Dialect): Condition | undefined {
  const known = dialect === 'wazuh' ? WAZUH_RULES : COMPILED_RULES;
  return Object.hasOwn(known, name) ? known[name] : undefined;
}
