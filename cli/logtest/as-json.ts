import { utf8 } from '../../base/bytes.ts';
import { type Event, FIELD_NAMES } from '../../engine/event/event.ts';

/** An event as an object for --json; uses the names of OSSEC's JSON alerts, and omits absent values. */
export function asJson(event: Event): object {
  const { rule, decoder } = event;
  const fields = Object.fromEntries(
    [...FIELD_NAMES.map((name) => [name, event[name]] as const), ...(event.dynamic ?? [])]
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, utf8(value ?? '')]),
  );
  return {
    full_log: utf8(event.fullLog),
    predecoder: {
      hostname: utf8(event.hostname),
      program_name: event.programName && utf8(event.programName),
    },
    decoder: decoder && { name: decoder.name },
    data: fields,
    rule: rule && {
      id: rule.id,
      level: rule.level,
      description: utf8(rule.description),
      groups: rule.group.split(',').filter(Boolean),
    },
    alert: event.isAlert,
  };
}
