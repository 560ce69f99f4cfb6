import { ABUSEIPDB_SETTINGS } from '../settings/abuseipdb-settings.ts';
import { CROWDSEC_SETTINGS } from '../settings/crowdsec-settings.ts';
import { GEOIP_SETTINGS } from '../settings/geoip-settings.ts';
import { MAIL_SETTINGS } from '../settings/mail-settings.ts';
import { SERVER_SETTINGS } from '../settings/server-settings.ts';
import { SETTINGS, type Table } from '../settings/settings.ts';
import { ownSettings } from './own-settings.ts';
import { RESPONSES } from './responses.ts';

/** Every setting of riposte.conf, in the order of the documentation. */
export const ALL_SETTINGS: Table = {
  ...SETTINGS,
  ...ownSettings(RESPONSES),
  ...SERVER_SETTINGS,
  ...MAIL_SETTINGS,
  ...CROWDSEC_SETTINGS,
  ...ABUSEIPDB_SETTINGS,
  ...GEOIP_SETTINGS,
};
