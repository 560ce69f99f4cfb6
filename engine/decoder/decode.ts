import type { Event } from '../event/event.ts';
import { endOf } from '../pattern/pattern.ts';
import type { Decoder, DecoderNode, OrderEntry } from './decoder.ts';
import type { DecoderIndex } from './decoder-index.ts';

/**
 * Finds the decoder of an event and fills its fields. Takes the first decoder whose program_name and prematch match,
 * then its first child whose prematch matches, and tries no other decoder.
 */
export function decode(event: Event, index: DecoderIndex): void {
  for (const node of index.candidates(event)) {
    const after = matchParent(node.decoder, event);
    if (after < 0) continue;
    recognise(event, node.decoder);
    decodeWith(event, node, after);
    return;
  }
}

/** The offset after the prematch (0 when only the program name is checked), or -1. */
function matchParent({ prematch }: Decoder, event: Event): number {
  return prematch ? prematch.end(event.log) : 0;
}

function recognise(event: Event, decoder: Decoder): void {
  event.decoder = decoder;
  event.category = decoder.category;
}

function decodeWith(event: Event, { decoder, children }: DecoderNode, afterParent: number): void {
  if (children.length === 0) {
    readFields(event, [decoder], 0, afterParent, afterParent);
    return;
  }
  for (let i = 0; i < children.length; i++) {
    const child = children[i] as Decoder;
    if (!child.prematch) {
      readFields(event, children, i, afterParent, afterParent);
      return;
    }
    const base = child.prematchOffset === 'after_parent' ? afterParent : 0;
    const end = child.prematch.end(base === 0 ? event.log : event.log.slice(base));
    if (end >= 0) {
      recognise(event, child);
      readFields(event, children, i, afterParent, base + end);
      return;
    }
    // The continuations of this decoder are never tried by themselves.
    while (children[i]?.hasNext) i++;
  }
}

/** Runs the regex of a decoder, and the regexes of the siblings that continue it. */
function readFields(
  event: Event,
  chain: Decoder[],
  from: number,
  afterParent: number,
  afterPrematch: number,
): void {
  let afterRegex = -1;
  for (let i = from; i < chain.length; i++) {
    const decoder = chain[i] as Decoder;
    if (decoder.plugin) {
      decoder.plugin(event, event.log.slice(decoder.pluginOffset === 'start' ? 0 : afterPrematch));
      if (!decoder.hasNext) return;
      continue;
    }
    if (!decoder.regex) return;
    const base = baseOf(decoder, afterParent, afterPrematch, afterRegex);
    const match = decoder.regex.exec(base === 0 ? event.log : event.log.slice(base));
    afterRegex = match ? base + endOf(match) : -1;
    if (match) {
      if (decoder.claimsByRegex) recognise(event, decoder);
      assign(event, decoder, match);
    }
    if (!decoder.hasNext) return;
  }
}

function baseOf(decoder: Decoder, afterParent: number, afterPrematch: number, afterRegex: number): number {
  switch (decoder.regexOffset) {
    case 'start':
      return 0;
    case 'after_parent':
      return afterParent;
    case 'after_prematch':
      return afterPrematch;
    case 'after_regex':
      return afterRegex < 0 ? afterPrematch : afterRegex;
  }
}

/** Assigns the groups that took part in the match to the fields, in order, and skips the other groups. */
function assign(event: Event, { order, countsUnsetGroups }: Decoder, match: RegExpExecArray): void {
  let field = 0;
  for (let i = 1; i < match.length && field < order.length; i++) {
    const value = match[i];
    if (value === undefined) {
      if (countsUnsetGroups) field++;
      continue;
    }
    const entry = order[field++] as OrderEntry;
    entry.assign(event, value);
    event.found?.push([entry.label, value]);
  }
}
