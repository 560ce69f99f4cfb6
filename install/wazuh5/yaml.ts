/** A value of JSON. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/**
 * Formats a value of JSON as YAML in block style, with every text in double quotes, so that no text has another
 * meaning.
 */
export const toYaml = (value: Json, indent = ''): string => lines(value, indent).join('\n');

function lines(value: Json, indent: string): string[] {
  if (Array.isArray(value)) return value.flatMap((item: Json) => marked(`${indent}- `, item, `${indent}  `));
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, item]) =>
      marked(`${indent}${keyOf(key)}:`, item, `${indent}  `),
    );
  return [`${indent}${scalar(value)}`];
}

/** A key or a hyphen, and the value behind or below it. */
function marked(mark: string, value: Json, indent: string): string[] {
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0)
    return [`${mark}${mark.endsWith(' ') ? '' : ' '}${scalar(value)}`];
  const below = lines(value, indent);
  if (!mark.endsWith('- ')) return [mark, ...below];
  const [first = '', ...others] = below;
  return [`${mark}${first.trimStart()}`, ...others];
}

const scalar = (value: Json): string => JSON.stringify(value);

const keyOf = (key: string): string => (/^[a-z_][\w.]*$/i.test(key) ? key : JSON.stringify(key));
