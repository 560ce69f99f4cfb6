import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadTable } from './load.ts';
import { setting, type ValuesOf } from './settings.ts';

/** The word that means that no database is used. */
const NONE = 'none';

/** Absolute paths with commas between them, or `none`. An empty text gives an empty list. */
function files(text: string): string[] | undefined {
  if (text === NONE) return [NONE];
  const items = text.split(',').flatMap((item) => item.trim() || []);
  return items.every((item) => item.startsWith('/')) ? items : undefined;
}

/**
 * The settings of riposte.conf for databases of places, whose keys begin with GEOIP_. They are in a table of their own:
 * the scripts that block do not carry or read them, so a wrong setting never prevents a block.
 */
export const GEOIP_SETTINGS = {
  geoipFiles: setting({
    key: 'GEOIP_FILES',
    fallback: '',
    initial: [],
    parse: files,
    form: 'absolute paths with commas between them, or none',
    means: 'databases (.mmdb) of countries and networks; empty: those in the usual places, if there are any',
    isRoots: true,
  }),
};

type GeoipSettings = ValuesOf<typeof GEOIP_SETTINGS>;

/** Loads these settings. @param ignore takes the message for a wrong line, which is then ignored */
export const loadGeoipSettings = (
  from: readonly string[],
  ignore?: (message: string) => void,
): GeoipSettings => loadTable(GEOIP_SETTINGS, from, new Map(), ignore);

/** The directories where geoipupdate and distributions put databases. */
const PLACES = ['usr/share/GeoIP', 'var/lib/GeoIP'];

/** The names of country databases, the smallest first, and the names of network databases. */
const COUNTRIES = [
  'GeoLite2-Country.mmdb',
  'GeoIP2-Country.mmdb',
  'dbip-country-lite.mmdb',
  'GeoLite2-City.mmdb',
  'GeoIP2-City.mmdb',
  'dbip-city-lite.mmdb',
];
const NETWORKS = ['GeoLite2-ASN.mmdb', 'GeoIP2-ISP.mmdb', 'dbip-asn-lite.mmdb'];

/**
 * The databases to read: those of GEOIP_FILES. If it is empty, one country database and one network database from the
 * usual places.
 *
 * @param root the host's root directory
 */
export function geoFiles({ geoipFiles }: GeoipSettings, root = '/'): string[] {
  if (geoipFiles.length > 0)
    return geoipFiles.filter((file) => file !== NONE).map((file) => join(root, file));
  return [COUNTRIES, NETWORKS].flatMap((names) => {
    const candidates = names.flatMap((name) => PLACES.map((place) => join(root, place, name)));
    return candidates.find((file) => existsSync(file)) ?? [];
  });
}
