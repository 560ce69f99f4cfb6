import type { Backend } from './backend.ts';
import { type IncludedFile, includedFile, type ServerCommands } from './deny-file/included-file.ts';

/** Seconds between two reloads: each starts new workers, and the old ones stay until their last connection ends. */
const GAP = 2;

/** The time for which a change waits for the reload that puts it in force, in seconds. */
const PATIENCE = 5;

/**
 * The file of a `geo` block. Its keys are addresses and prefixes of both families, and the most specific one wins.
 *
 * Source: https://nginx.org/en/docs/http/ngx_http_geo_module.html
 */
export const geoFile = (file: string): IncludedFile => ({
  file,
  setting: 'NGINX_FILE',
  header:
    '# Addresses that nginx denies (geo, see nginx.conf.d/deny-geo.conf). Riposte makes this file anew.\n',
  before: '',
  after: ' 1;',
});

/** A file that nginx's configuration includes in a `geo` block. @param entries the addresses in the ledger */
export const nginxGeo = (
  file: string,
  entries: () => Iterable<string>,
  commands: Pick<ServerCommands, 'check' | 'reload'>,
): Backend => includedFile('geo', geoFile(file), entries, { ...commands, patience: PATIENCE, gap: GAP });
