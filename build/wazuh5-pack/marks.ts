export { AUTHOR, CHANNEL_ID, MADE } from '../../install/wazuh5/pack.ts';

/** The title of the integration, which is also the type of the detector and the product of the rules. */
export const INTEGRATION = 'riposte';

export const REFERENCES: readonly string[] = [];

/** The integration's category: events are in wazuh-events-v5-security, findings in wazuh-findings-v5-security. */
export const CATEGORY = 'security';
