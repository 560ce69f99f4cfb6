/** Everything that a JSON field can contain instead of the expected value. */
export const ODD_VALUES = [
  null,
  true,
  7,
  -1,
  1e300,
  '',
  'x',
  'bob\n\u0000\u001b[2J\u2028',
  '\ud800',
  [],
  ['x'],
  {},
  { id: 1, ip: 1 },
];
