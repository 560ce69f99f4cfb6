/**
 * The keys of server-settings.ts. The scripts must know them, because an unknown key is an error. They do not carry the
 * table itself, because each alert would load it.
 */
export const SERVER_KEYS: readonly string[] = [
  'LOGS',
  'TRUSTED_PROXIES',
  'SITES',
  'VERIFY_ROBOTS',
  'NETWORK_AFTER',
  'BLOCK_FOR_COUNTED',
  'ANSWER_RULES',
  'TRUST_ERROR_LOG',
  'HOOK_GROUP',
  'HOOK_DIRECTORY',
  'MAX_BLOCKS',
  'MAX_IMPORTED',
  'METRICS_LISTEN',
  'RULES_KEY_FILE',
];
