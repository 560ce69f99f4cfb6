import { jsonIn } from '../../../base/json.ts';
import type { Event } from '../../event/event.ts';
import { orderEntry } from '../fields.ts';

/** The deepest level of a JSON object that is read. */
const MAX_DEPTH = 20;

/**
 * Reads a JSON object into fields: `{"a":{"b":1}}` gives a field `a.b` of value `1`. A name that OSSEC knows, such as
 * srcip, fills the field of that name. A list becomes one value with commas; text that is not an object gives no
 * fields.
 */
export function decodeJson(event: Event, text: string): void {
  const start = text.indexOf('{');
  if (start < 0) return;
  readObject(event, parseBytes(text.slice(start)), '', 0);
}

/** Parses JSON from bytes (latin1) that hold UTF-8; undefined when they are not JSON. */
export const parseBytes = (text: string): unknown => jsonIn(Buffer.from(text, 'latin1').toString('utf8'));

function readObject(event: Event, object: unknown, prefix: string, depth: number): void {
  if (typeof object !== 'object' || object === null || depth > MAX_DEPTH) return;
  for (const [key, value] of Object.entries(object)) {
    const name = `${prefix}${key}`;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      readObject(event, value, `${name}.`, depth + 1);
    } else {
      setField(event, name, Array.isArray(value) ? listAsText(value) : asText(value));
    }
  }
}

function setField(event: Event, name: string, value: string): void {
  const entry = orderEntry(asBytes(name));
  entry.assign(event, asBytes(value));
  event.found?.push([entry.label, asBytes(value)]);
}

/** Joins a list. A list with objects stays JSON, formatted as Wazuh does: with a space after each colon. */
function listAsText(list: unknown[]): string {
  const isPlain = list.every((item) => typeof item !== 'object' || item === null);
  return isPlain ? list.map(asText).join(',') : JSON.stringify(list, null, '\t');
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export function asBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
