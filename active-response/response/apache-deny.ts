import { flavours } from '../backend/apache/flavours.ts';
import { APACHE_SETTINGS } from '../backend/apache/settings.ts';
import type { Response } from '../request-context.ts';
import { type Settings, valuesOf } from '../settings/settings.ts';

const flavourIn = (settings: Settings): string => valuesOf(APACHE_SETTINGS, settings).apacheDeny;

export const apacheDeny: Response = {
  name: 'apache-deny',
  summary: 'makes Apache deny an address: for servers behind a proxy, where a firewall sees only the proxy',
  isOptional: true,
  settings: APACHE_SETTINGS,
  backends: flavours,
  takesPrefixes: (settings) => flavourIn(settings) !== 'map',
  choose: flavourIn,
};
