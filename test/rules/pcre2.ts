import { parsePcre2 } from '../../engine/pattern/parse-pcre2.ts';
import { toJavaScript } from '../../engine/pattern/to-javascript.ts';

/** The pattern as a case-insensitive JavaScript regular expression, for texts of any length. */
export function regexOf(pattern: string): RegExp {
  return new RegExp(toJavaScript(parsePcre2(pattern, true)).source);
}

/** The number of groups that the pattern captures. */
export function groupsIn(pattern: string): number {
  const { source, groups } = toJavaScript(parsePcre2(pattern, true));
  return groups ? groups.length - 1 : (new RegExp(`${source}|`).exec('')?.length ?? 1) - 1;
}
