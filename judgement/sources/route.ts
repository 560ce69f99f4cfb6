import { withoutQuery } from '../../logs/request-path.ts';

/** A segment that is a record's number, UUID, ULID or hash, with or without an extension of data or of a file. */
const ID =
  /\/(?:\d+|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|(?=[a-f]*\d)[0-9a-f]{12,64}|[0-9A-HJKMNP-TV-Z]{26})(?=\/|(?:\.(?:json|xml|html|png|jpe?g|webp))?$)/gi;

/**
 * The path of a target with `#` for the ids of records: an application asks for many records that do not exist, and a
 * scanner finds nothing by counting.
 */
export function routeOf(target: string): string {
  const path = withoutQuery(target);
  return path.replace(ID, '/#');
}
