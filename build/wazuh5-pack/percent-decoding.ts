import type { Json } from '../../install/wazuh5/yaml.ts';

/**
 * Blocks of a decoder that decode a field of lower-case text, twice if need be. The engine has no helper for
 * percent-decoding. A NUL stays `%00`, and `\` becomes `/`, as servers that run on Windows read it.
 */
export const decodingOf = (field: string): Json[] => [
  { check: [{ [field]: "contains('%25')" }], map: [replaced(field, '%25', '%')] },
  {
    check: [{ [field]: "contains('%')" }],
    map: SIGNS.map((code) => replaced(field, encoded(code), plain(code))),
  },
  { check: [{ [field]: "contains('\\\\')" }], map: [replaced(field, '\\', '/')] },
];

/** Printable ASCII except `%` itself. */
const SIGNS = Array.from({ length: 0x5f }, (_, index) => 0x20 + index).filter((code) => code !== 0x25);

const encoded = (code: number): string => `%${code.toString(16)}`;

const plain = (code: number): string => String.fromCharCode(code).toLowerCase().replace('\\', '/');

const replaced = (field: string, from: string, to: string): Json => ({
  [field]: `replace(${quoted(from)}, ${quoted(to)})`,
});

/** A text as the argument of a helper: in single quotes, where `\` and `'` are escaped. */
export const quoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;
