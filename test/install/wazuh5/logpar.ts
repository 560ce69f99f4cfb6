/**
 * Parses a text by an expression of Wazuh 5's logpar, in the form of docs/ref/modules/engine: literals, `<field>`, a
 * type or format behind a slash, `(?…)` for an optional group, `<~>` for anything.
 *
 * @returns the fields, or undefined when the text does not match
 */
export function readLogpar(expression: string, text: string): Record<string, unknown> | undefined {
  const names: string[] = [];
  const source = sourceOf(expression, names);
  const match = new RegExp(`^${source}$`, 's').exec(text);
  if (match === null) return undefined;
  const found: Record<string, unknown> = {};
  names.forEach((name, index) => {
    const value = match[index + 1];
    const [field = '', type] = name.split('/');
    if (value !== undefined && field !== '~') found[field] = typed(field, type, value);
  });
  return found;
}

function sourceOf(expression: string, names: string[]): string {
  let source = '';
  for (let at = 0; at < expression.length; ) {
    const rest = expression.slice(at);
    const [field, name] = /^<([^>]+)>/.exec(rest) ?? [];
    const [group, inner] = /^\(\?([^)]*)\)/.exec(rest) ?? [];
    if (field !== undefined && name !== undefined) {
      names.push(name);
      source += FIELDS[name] ?? (name.endsWith('/quoted') ? QUOTED : '(.+?)');
      at += field.length;
    } else if (group !== undefined && inner !== undefined) {
      source += `(?:${sourceOf(inner, names)})?`;
      at += group.length;
    } else {
      const [literal = ''] = /^(?:\\.|[^<>?\\(])/.exec(rest) ?? [];
      if (literal === '') throw new Error(`logpar reserves '${rest[0]}': ${expression}`);
      source += literal.replace(/^\\/, '').replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      at += literal.length;
    }
  }
  return source;
}

const QUOTED = '("(?:[^"\\\\]|\\\\.)*")';

const FIELDS: Readonly<Record<string, string>> = {
  'source.ip': '([0-9a-f.:]+)',
  'http.response.status_code': '(\\d+)',
  'event.start/HTTPDATE': '(\\d\\d/[A-Z][a-z][a-z]/\\d{4}:[0-9:]{8} [+-]\\d{4})',
};

function typed(field: string, type: string | undefined, value: string): unknown {
  if (type === 'quoted') return value.slice(1, -1).replace(/\\(.)/gs, '$1');
  if (type === 'HTTPDATE') return new Date(value.replaceAll('/', ' ').replace(':', ' ')).toISOString();
  return field === 'http.response.status_code' ? Number(value) : value;
}
