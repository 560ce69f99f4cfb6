import type { Event } from '../../event/event.ts';
import type { JsonOptions, PluginDecoder } from '../decoder.ts';
import { orderEntry, setDynamic } from '../fields.ts';
import { asBytes, parseBytes } from './json.ts';

/** The deepest level of a JSON object that is read. */
const MAX_DEPTH = 64;

/** Names that fill a field of their own; any other name, and any nested name, makes a dynamic field. */
const STATIC = new Set([
  ...['srcip', 'dstip', 'srcport', 'dstport', 'protocol', 'action', 'srcuser', 'dstuser', 'id', 'status'],
  ...['url', 'data', 'extra_data'],
]);

/**
 * Reads a JSON object into fields, as analysisd of Wazuh 4.14 does (decoders/plugins/json_decoder.c): text after the
 * first value is ignored, null is the text `null`, a list stays JSON, an empty list of joined values gives no field,
 * and the first of several dynamic fields with the same name counts.
 */
export const wazuhJson =
  (options: JsonOptions): PluginDecoder =>
  (event, text) => {
    const value = parseBytes(text) ?? parseBytes(firstValue(text));
    if (isObject(value)) readObject(event, value, '', options, 0);
  };

function readObject(event: Event, object: object, prefix: string, options: JsonOptions, depth: number): void {
  if (depth > MAX_DEPTH) return;
  for (const [key, value] of Object.entries(object)) {
    const name = `${prefix}${key}`;
    if (isObject(value)) readObject(event, value, `${name}.`, options, depth + 1);
    else if (value !== null || !options.discardsNull) setField(event, name, asText(value, options));
  }
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function asText(value: unknown, { joinsLists }: JsonOptions): string | undefined {
  if (!Array.isArray(value)) return scalar(value);
  if (!joinsLists) return cJsonText(value, 0);
  const text = value.filter((item) => typeof item !== 'object' || item === null).map(scalar);
  return text.join(',') || undefined;
}

function scalar(value: unknown): string {
  return typeof value === 'number' ? numberText(value) : String(value);
}

/** A number as C prints it: `%i` if it is a whole 32-bit number, else `%f`. */
const numberText = (value: number): string =>
  (value | 0) === value
    ? String(value)
    : Math.abs(value) < 1e21
      ? value.toFixed(6)
      : BigInt(value).toString();

/** The text of cJSON_Print: lists on one line, objects over several lines, with tabs. */
function cJsonText(value: unknown, depth: number): string {
  if (Array.isArray(value)) return `[${value.map((item) => cJsonText(item, depth + 1)).join(', ')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const indent = '\t'.repeat(depth + 1);
  const members = Object.entries(value).map(
    ([key, item]) => `${indent}${JSON.stringify(key)}:\t${cJsonText(item, depth + 1)}`,
  );
  return `{\n${members.join(',\n')}${members.length > 0 ? '\n' : ''}${'\t'.repeat(depth)}}`;
}

function setField(event: Event, name: string, value: string | undefined): void {
  if (value === undefined) return;
  const isAlias = name === 'user' && !event.dstuser;
  const known = STATIC.has(name)
    ? name
    : isAlias
      ? 'dstuser'
      : name === 'systemname'
        ? 'system_name'
        : undefined;
  const entry = orderEntry(asBytes(known ?? name));
  const bytes = asBytes(value);
  if (known) entry.assign(event, bytes);
  else if (event.dynamic?.has(name.toLowerCase())) return;
  else setDynamic(event, asBytes(name), bytes);
  event.found?.push([known ? entry.label : asBytes(name), bytes]);
}

/** The text up to the end of its first JSON object. */
function firstValue(text: string): string {
  let depth = 0;
  for (const { 0: mark, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]]/g)) {
    if (mark === '{' || mark === '[') depth++;
    else if ((mark === '}' || mark === ']') && --depth === 0) return text.slice(0, index + 1);
  }
  return '';
}
