// PLAIN: the inside of a JSON string in ASCII without escapes, so that its bytes are its value. ANY: any JSON string,
// for fields whose value a report does not count. Only ANY matches bytes over 127, because JSON.parse would replace
// invalid UTF-8.
const ESCAPE = '\\\\(?:["\\\\/bfnrt]|u[\\da-fA-F]{4})';
const PLAIN = '[ !#-\\[\\]-\\x7f]*';
const ANY = `"[^"\\\\\\x00-\\x1f]*(?:${ESCAPE}[^"\\\\\\x00-\\x1f]*)*"`;
const WHOLE = '0|[1-9]\\d{0,8}';
const TIME =
  '\\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\\d|3[01])T(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d\\.\\d{3}Z';

/** The fields after the first three, in record()'s order. A capturing group marks each value that a report counts. */
const FIELDS = {
  command: `"(${PLAIN})"`,
  protocol: ANY,
  address: `"(${PLAIN})"`,
  reason: ANY,
  user: ANY,
  rule: '"(\\d{1,9})"',
  level: `(${WHOLE})`,
  alert: `"(${PLAIN})"`,
  location: `"(${PLAIN})"`,
  description: `"(${PLAIN})"`,
  log: `"(${PLAIN})((?:${ESCAPE}${PLAIN})*)"`,
  note: ANY,
  backend: ANY,
  until: `(?:null|${ANY})`,
  offence: `(${WHOLE})`,
  answer: ANY,
  ms: `(?:${WHOLE})(?:\\.\\d+)?`,
  asked: ANY,
};
const fields = Object.entries(FIELDS).map(([name, form]) => `(?:,"${name}":${form})?`);

/**
 * Matches a line of the journal, given as latin1 bytes, if it has the form that record() writes. Nearly all lines have
 * this form. A matching line is valid JSON, and the groups hold its values: event, response, command, address, rule,
 * level, alert, location, description, log before its first escape, the rest of log, offence. A damaged line does not
 * match, and many valid but unusual lines do not match either.
 *
 * A string ends at its first unescaped quote, so there is only one way to match, and matching takes linear time.
 */
export const FAST_LINE = new RegExp(
  `^\\{"time":"${TIME}","event":"(${PLAIN})","response":"(${PLAIN})"${fields.join('')}\\}$`,
);
