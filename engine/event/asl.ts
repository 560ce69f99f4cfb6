import type { Event } from './event.ts';

/**
 * Reads the brackets of an OS X ASL line: `[Sender sshd] [Message …] [Host name]`. Only the first message counts, so
 * that text in a message cannot pose as another field.
 *
 * @param rest the line after its `[Time …`
 */
export function readAsl(event: Event, rest: string): void {
  event.log = rest;
  let hasMessage = false;
  for (let open = rest.indexOf('['); open >= 0; open = rest.indexOf('[', open + 1)) {
    const end = rest.indexOf(']', open);
    const entry = rest.slice(open + 1, end < 0 ? undefined : end);
    if (entry.startsWith('Sender ') && event.programName === undefined) {
      if (end < 0) return;
      event.programName = entry.slice(7);
    } else if (entry.startsWith('Message ') && !hasMessage) {
      hasMessage = true;
      event.log = entry.slice(8);
      if (end < 0) return;
    } else if (entry.startsWith('Host ')) {
      if (end >= 0) event.hostname = entry.slice(5);
      return;
    }
  }
}
