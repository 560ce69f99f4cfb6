import type { Reader, Response } from 'maxmind';
import { type Address, addressesIn } from './address.ts';
import { EX, RiposteError } from './errors.ts';
import { fileError, readRegular } from './files.ts';
import { memoized } from './memoized.ts';
import type { Place } from './place.ts';
import { printable } from './printable.ts';

/** A database of places. */
export interface GeoDatabase {
  readonly file: string;
  /** `GeoLite2-Country`. */
  readonly type: string;
  readonly built: Date;
  /** Returns an empty place if the database does not know the address, or if the record is damaged. */
  readonly placeOf: (address: Address) => Place;
}

/** The largest file to read, in bytes: it is held in memory. */
const LARGEST = 256 * 1024 * 1024;

/** The number of bytes between the search tree and the records. */
const SEPARATOR = 16;

/**
 * Reads a database in the format of MaxMind. Loads the reader only at this call, because most hosts have no such file.
 *
 * Source: https://maxmind.github.io/MaxMind-DB/
 *
 * @throws RiposteError (IOERR, NOPERM) naming the file that is missing, damaged, too large, or not a regular file
 */
export async function openGeoDatabase(file: string): Promise<GeoDatabase> {
  const bytes = read(file);
  const { Reader } = await import('maxmind');
  let reader: Reader<Response>;
  try {
    reader = new Reader<Response>(bytes, { cache: new Map() });
  } catch (error) {
    throw damaged(file, error);
  }
  const { nodeCount, searchTreeSize, ipVersion, binaryFormatMajorVersion, databaseType, buildEpoch } =
    reader.metadata;
  const isWhole =
    binaryFormatMajorVersion === 2 &&
    (ipVersion === 4 || ipVersion === 6) &&
    nodeCount > 0 &&
    searchTreeSize + SEPARATOR <= bytes.length;
  if (!isWhole) throw damaged(file, undefined);
  const placeOf = ({ family, text }: Address): Place => {
    if (family > ipVersion) return {};
    try {
      return placeIn(reader.get(text.replace(/\/.*/, '')));
    } catch {
      return {};
    }
  };
  return { file, type: String(databaseType), built: buildEpoch, placeOf };
}

/** Finds places in several databases. For each value, the first database that knows it counts. */
export function placesIn(databases: readonly GeoDatabase[]): (address: string) => Place {
  return memoized(
    (text) => {
      const [address] = addressesIn(text);
      const places = address ? databases.map(({ placeOf }) => placeOf(address)) : [];
      return Object.assign({}, ...places.reverse());
    },
    // A journal names the same addresses again and again.
    { most: 10_000, longest: 50 },
  );
}

function read(file: string): Buffer {
  try {
    return readRegular(file, { longest: LARGEST });
  } catch (error) {
    throw fileError('read', file, error);
  }
}

function damaged(file: string, cause: unknown): RiposteError {
  return new RiposteError(EX.IOERR, `${file} is not a complete database of MaxMind's format (.mmdb)`, {
    cause,
  });
}

/** @param record any value: it may be damaged, or a record of another kind of database */
function placeIn(record: unknown): Place {
  const { country, registered_country, ...rest } = (record ?? {}) as Record<string, unknown>;
  const code = codeIn(country) ?? codeIn(registered_country);
  const { autonomous_system_number: asn, autonomous_system_organization: organization } = rest;
  return {
    ...(code === undefined ? {} : { country: code }),
    ...(Number.isSafeInteger(asn) ? { asn: Number(asn) } : {}),
    ...(typeof organization === 'string' && organization !== ''
      ? { organization: printable(organization, 80) }
      : {}),
  };
}

function codeIn(value: unknown): string | undefined {
  const code = (value as { iso_code?: unknown } | null | undefined)?.iso_code;
  return typeof code === 'string' && /^[A-Z]{2}$/.test(code) ? code : undefined;
}
