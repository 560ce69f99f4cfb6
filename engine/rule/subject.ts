import type { Event } from '../event/event.ts';
import type { Pattern } from '../pattern/pattern.ts';
import type { Condition } from './rule.ts';

type Subject = (event: Event) => string | undefined;

/** What each option of a rule is matched against. */
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

/** A condition that the pattern is found in what the option looks at; an absent field never matches. */
export function patternCondition(option: string, pattern: Pattern, isNegated = false): Condition {
  const found = finder(option, pattern);
  return isNegated ? (event) => !found(event) : found;
}

function finder(option: string, pattern: Pattern): Condition {
  if (option === 'match' || option === 'regex') return (event) => pattern.test(event.log, event.logLower);
  if (option === 'url') return (event) => event.url !== undefined && pattern.test(event.url, event.urlLower);
  const subject = SUBJECTS[option] ?? ((event) => event.dynamic?.get(option));
  return (event) => {
    const text = subject(event);
    return text !== undefined && pattern.test(text, text.toLowerCase());
  };
}

/** The value of a field by the name that rules and lists use for it. */
export function fieldValue(event: Event, name: string): string | undefined {
  if (name === 'url') return event.url;
  if (name === 'srcip') return event.srcip;
  if (name === 'dstip') return event.dstip;
  return (SUBJECTS[name] ?? (() => event.dynamic?.get(name.toLowerCase())))(event);
}
