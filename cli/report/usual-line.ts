// Texts as JSON has them. PLAIN: ASCII without an escape, so it means what it is. ANY: also bytes over 127, as what is no
// UTF-8 there is only a replacement character for JSON.parse.
const ESCAPE = '\\\\(?:["\\\\/bfnrt]|u[\\da-fA-F]{4})';
const PLAIN = '[ !#-\\[\\]-\\x7f]*';
const ANY = `"[^"\\\\\\x00-\\x1f]*(?:${ESCAPE}[^"\\\\\\x00-\\x1f]*)*"`;
const WHOLE = '0|[1-9]\\d{0,8}';
const TIME =
  '\\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\\d|3[01])T(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d\\.\\d{3}Z';

/** What follows the first three fields, in the order of record(). What a report counts of it is in brackets. */
const FIELDS = {
  command: `"(${PLAIN})"`,
  protocol: ANY,
  address: `"(${PLAIN})"`,
  reason: ANY,
  user: ANY,
  rule: '"(\\d{1,9})"',
  level: `(${WHOLE})`,
  alert: ANY,
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
 * A line of the journal, in its bytes as latin1, that is as record() writes it: nearly all are. What matches is JSON, and
 * means what it finds: event, response, command, address, rule, level, location, description, log up to its first
 * escape and from there on, offence. What is damaged does not match, nor does much that is only unusual.
 *
 * A text ends at its first quote that is no escape, so there is one way to match, and none takes long.
 */
export const USUAL_LINE = new RegExp(
  `^\\{"time":"${TIME}","event":"(${PLAIN})","response":"(${PLAIN})"${fields.join('')}\\}$`,
);
