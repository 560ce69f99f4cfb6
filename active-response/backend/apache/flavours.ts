import { join } from 'node:path';
import type { Home } from '../../home.ts';
import { blockedAddresses, readBlock } from '../../ledger.ts';
import { type Settings, valuesOf } from '../../settings/settings.ts';
import type { Backend } from '../backend.ts';
import { apacheMap } from './map.ts';
import { apacheRequire } from './require.ts';
import { APACHE_SETTINGS } from './settings.ts';

type Flavour = (settings: Settings, home: Home) => Backend;

/**
 * The ledger entries of one flavour. If a flavour wrote another flavour's entries to its file, it would never remove
 * them.
 */
const ledgerEntries = (home: Home, flavour: string) => () =>
  blockedAddresses(home, RESPONSE).filter((address) => {
    try {
      return readBlock(home, RESPONSE, address)?.backend === flavour;
    } catch {
      return true; // a damaged entry stands for a blocked address
    }
  });

const RESPONSE = 'apache-deny';

const own = (settings: Settings) => valuesOf(APACHE_SETTINGS, settings);

const fileOf = (settings: Settings, home: Home, name: string) =>
  own(settings).apacheFile || join(home.apache, name);

const required =
  (flavour: 'apache24' | 'apache22'): Flavour =>
  (settings, home) =>
    apacheRequire(flavour, fileOf(settings, home, `deny.${flavour}.conf`), ledgerEntries(home, flavour), {
      check: own(settings).apacheCheck,
      reload: own(settings).apacheReload,
      patience: settings.commandTimeout,
    });

/** The ways to tell Apache which addresses to deny, by their names in APACHE_DENY. */
export const flavours: Record<string, Flavour> = {
  map: (settings, home) => apacheMap(fileOf(settings, home, 'deny.map'), ledgerEntries(home, 'map')),
  apache24: required('apache24'),
  apache22: required('apache22'),
};
