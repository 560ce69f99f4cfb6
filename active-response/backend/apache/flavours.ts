import { join } from 'node:path';
import type { Home } from '../../home.ts';
import { blockedAddresses, readBlock } from '../../ledger.ts';
import type { Settings } from '../../settings/settings.ts';
import type { Backend } from '../backend.ts';
import { apacheMap } from './map.ts';
import { apacheRequire } from './require.ts';

type Flavour = (settings: Settings, home: Home) => Backend;

/** The ledger entries of one flavour. A flavour that wrote another flavour's entries would never remove them. */
const ledgerEntries = (home: Home, flavour: string) => () =>
  blockedAddresses(home, RESPONSE).filter((address) => {
    try {
      return readBlock(home, RESPONSE, address)?.backend === flavour;
    } catch {
      return true; // damaged: it stands for a blocked address
    }
  });

const RESPONSE = 'apache-deny';

const fileOf = (settings: Settings, home: Home, name: string) =>
  settings.apacheFile || join(home.apache, name);

const required =
  (flavour: 'apache24' | 'apache22'): Flavour =>
  (settings, home) =>
    apacheRequire(flavour, fileOf(settings, home, `deny.${flavour}.conf`), ledgerEntries(home, flavour), {
      check: settings.apacheCheck,
      reload: settings.apacheReload,
      patience: settings.commandTimeout,
    });

/** The ways to tell Apache which addresses to deny, by their names in APACHE_DENY. */
export const flavours: Record<string, Flavour> = {
  map: (settings, home) => apacheMap(fileOf(settings, home, 'deny.map'), ledgerEntries(home, 'map')),
  apache24: required('apache24'),
  apache22: required('apache22'),
};
