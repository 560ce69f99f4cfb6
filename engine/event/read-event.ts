import type { Decoder } from '../decoder/decoder.ts';
import { newDecoder } from '../decoder/new-decoder.ts';
import type { Category } from './category.ts';
import { Event } from './event.ts';

/** An event that a reader has parsed from a log line: its fields are set, and no decoder runs on it. */
export interface ReadEvent {
  /** The stock decoder for such an event: `web-accesslog`, `apache-errorlog`, … */
  readonly decoder: string;
  readonly category: Category;
  /** The canonical line, which rules match. */
  readonly log: string;
  readonly srcip: string | undefined;
  readonly srcuser?: string | undefined;
  readonly action?: string | undefined;
  readonly url?: string | undefined;
  readonly id?: string | undefined;
  readonly protocol?: string | undefined;
}

/**
 * @param line the line as in the log
 * @param time seconds since 1970
 * @param host the name of the host that reads the line
 */
export function eventOf(read: ReadEvent, line: string, time: number, location: string, host: string): Event {
  const event = new Event(line, time);
  event.log = read.log;
  event.location = location;
  event.hostname = host;
  event.decoder = decoderFor(read.decoder, read.category);
  event.category = read.category;
  event.srcip = read.srcip;
  event.srcuser = read.srcuser;
  event.action = read.action;
  event.url = read.url;
  event.id = read.id;
  event.protocol = read.protocol;
  return event;
}

const decoders = new Map<string, Decoder>();

/** A decoder with name and category only: rules use nothing else of it. */
function decoderFor(name: string, category: Category): Decoder {
  const known = decoders.get(name);
  if (known) return known;
  const decoder = newDecoder(name, category, { file: 'a reader', line: 0 });
  decoders.set(name, decoder);
  return decoder;
}
