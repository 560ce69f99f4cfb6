/** A segment that is a record's number, UUID, ULID or hash, with or without an extension of data or of a file. */
const ID =
  /\/(?:\d+|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|(?=[a-f]*\d)[0-9a-f]{12,64}|[0-9A-HJKMNP-TV-Z]{26})(?=\/|(?:\.(?:json|xml|html|png|jpe?g|webp))?$)/gi;

/** The number in a record's name: `sku-12`, `part-00012.parquet`, `sensor.room_3`. */
const NUMBER = /\d+/g;

/** The number of a version: `1.12.0` in `/v1.12.0/tool-1.12.0.tar.gz`. */
const VERSION = /\d{1,6}\.\d{1,6}\.\d{1,6}(?:\.\d{1,6})?/g;

/** Paths whose numbers are ids of records: paths of an application's interface, and of files that programs exchange. */
const DATA =
  /\/(?:api|rest|wp-json|_matrix)\/|\.(?:json|xml|csv|parquet|avro|orc|grib2?|nc|hdf5?|rpm|deb|whl|jar|nupkg|crate|ics|vcf)$/i;

/**
 * The path with `#` for the ids of records: an application asks for many records that do not exist, and a scanner
 * finds nothing by counting up ids.
 *
 * @param plain decoded, without dot segments; otherwise the digits of an escape look like a number
 */
export function routeOf(plain: string): string {
  const path = plain.replace(ID, '/#').replace(VERSION, '#');
  return DATA.test(path) ? path.replace(NUMBER, '#') : path;
}

/**
 * True for the path of one record in an application's interface: a program looks up names that may not exist
 * (`/api/users/anna`). A scanner tries the names of the interface itself (`/api/v1/users`).
 *
 * @param plain decoded, without dot segments
 */
export const isRecord = (plain: string): boolean => RECORD.test(plain);

const RECORD =
  /^\/(?:[^/?]+\/)?(?:api|rest|(?:wp-json|_matrix)\/[^/?]+)\/(?:v\d{1,2}(?:\.\d{1,2})?\/)?(?!v\d)[^/?]+\/[^/?]/i;
