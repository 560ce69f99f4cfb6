import type { Event } from '../event/event.ts';
import type { Pattern } from '../pattern/pattern.ts';
import type { Condition } from './condition.ts';

type Subject = (event: Event) => string | undefined;

/** The field that each option of a rule is matched against. */
const SUBJECTS: Readonly<Record<string, Subject>> = {
  program_name: (event) => event.programName,
  id: (event) => event.id,
  srcport: (event) => event.srcport,
  dstport: (event) => event.dstport,
  user: (event) => event.dstuser ?? event.srcuser,
  srcuser: (event) => event.srcuser,
  dstuser: (event) => event.dstuser,
  extra_data: (event) => event.data,
  data: (event) => event.data,
  hostname: (event) => event.hostname,
  status: (event) => event.status,
  protocol: (event) => event.protocol,
  system_name: (event) => event.systemname,
  location: (event) => event.location,
  action: (event) => event.action,
};

/**
 * Returns a condition that is true when the pattern matches the option's field. If the event lacks the field, the
 * condition is false, even if negated.
 */
export function patternCondition(option: string, pattern: Pattern, isNegated = false): Condition {
  const found = finder(option, pattern);
  if (!isNegated) return found;
  if (option === 'match' || option === 'regex') return (event) => !found(event);
  return (event) => fieldValue(event, option) !== undefined && !found(event);
}

function finder(option: string, pattern: Pattern): Condition {
  if (option === 'match' || option === 'regex') return (event) => pattern.test(event.log, event.logLower);
  if (option === 'url') return (event) => event.url !== undefined && pattern.test(event.url, event.urlLower);
  const subject = SUBJECTS[option] ?? ((event) => event.dynamic?.get(option));
  if (option === 'hostname' || option === 'location') return cachedForLast(subject, pattern);
  return (event) => {
    const text = subject(event);
    return text !== undefined && pattern.test(text, text.toLowerCase());
  };
}

/** Caches the result for a field that is equal on nearly all lines of a log. */
function cachedForLast(subject: Subject, pattern: Pattern): Condition {
  let last: string | undefined;
  let isFound = false;
  return (event) => {
    const text = subject(event);
    if (text === undefined) return false;
    if (text !== last) {
      isFound = pattern.test(text, text.toLowerCase());
      last = text;
    }
    return isFound;
  };
}

/** The value of a field by its name in rules and lists. */
export function fieldValue(event: Event, name: string): string | undefined {
  if (name === 'url') return event.url;
  if (name === 'srcip') return event.srcip;
  if (name === 'dstip') return event.dstip;
  return (SUBJECTS[name] ?? (() => event.dynamic?.get(name.toLowerCase())))(event);
}
