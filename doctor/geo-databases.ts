import { geoFiles, loadGeoipSettings } from '../active-response/settings/geoip-settings.ts';
import { RiposteError } from '../base/errors.ts';
import { openGeoDatabase } from '../base/geo-database.ts';
import type { Examination } from './examination.ts';
import { type Finding, type Judged, ok, problem, warning } from './finding.ts';

/** Above this age (milliseconds) a database gets a warning, because addresses move to other networks. */
const OLD = 90 * 86_400_000;

/** Checks the databases of countries and networks that this host has, or that GEOIP_FILES names. */
export async function geoDatabases({ home, root, now }: Examination): Promise<Finding[]> {
  const found: Judged[] = [];
  const settings = loadGeoipSettings(home.settings, (message) =>
    found.push(problem(`${message}: Riposte ignores that line`, 'correct that line, or put # before it')),
  );
  for (const file of geoFiles(settings, root)) found.push(await judge(file, now));
  return found.map((each) => ({ topic: 'countries', ...each }));
}

async function judge(file: string, now: number): Promise<Judged> {
  try {
    const { type, built } = await openGeoDatabase(file);
    const day = Number.isNaN(built.getTime()) ? 'an unknown day' : built.toISOString().slice(0, 10);
    const seen = `${file}: ${type} of ${day}`;
    return now - built.getTime() > OLD
      ? warning(`${seen}, more than 90 days old`, 'update the file, for example by geoipupdate')
      : ok(seen);
  } catch (error) {
    if (!(error instanceof RiposteError)) throw error;
    const fix = 'correct GEOIP_FILES or the file; until then, reports lack its data';
    return problem(error.message, fix);
  }
}
