import type { Home } from '../active-response/home.ts';
import { geoFiles, loadGeoipSettings } from '../active-response/settings/geoip-settings.ts';
import { RiposteError } from '../base/errors.ts';
import { type GeoDatabase, openGeoDatabase, placesIn } from '../base/geo-database.ts';
import type { Place } from '../base/place.ts';

/** The place of an address, prefix or other text; empty if unknown. */
export type PlaceOf = (address: string) => Place;

/**
 * Opens the databases of this host; undefined if it has none that can be read. riposte doctor reports a wrong setting
 * or a damaged file.
 */
export async function openPlaces(home: Home): Promise<PlaceOf | undefined> {
  const databases: GeoDatabase[] = [];
  for (const file of geoFiles(loadGeoipSettings(home.settings, () => {})))
    try {
      databases.push(await openGeoDatabase(file));
    } catch (error) {
      if (!(error instanceof RiposteError)) throw error;
    }
  return databases.length === 0 ? undefined : placesIn(databases);
}
