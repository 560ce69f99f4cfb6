/** An OSSEC rule. The texts of patterns must not hold `<`, `>`, `&` or `$`. */
export interface Rule {
  readonly id: number;
  readonly level: number;
  /**
   * True for a rule that is never final: it only matches, and one of its children or a rule beside it becomes final.
   */
  readonly isGate?: boolean;
  readonly counts?: { readonly frequency: number; readonly timeframe: number };
  readonly parents: readonly number[];
  /** Elements in their order: `['url_pcre2', '^/a']`. An empty text makes an empty element. */
  readonly elements: readonly (readonly [name: string, text: string])[];
  readonly description: string;
  readonly groups?: readonly string[];
  readonly comment?: string;
}

/**
 * The longest pattern of a rule. OSSEC joins elements that have the same name. Each element must be shorter than 2,048
 * bytes, and OSSEC adds no element to a text of more than 2,048 bytes (loadmemory in src/analysisd/rules.c).
 */
export const LONGEST_PATTERN = 3900;

/** The longest element: short enough to read, and two elements reach LONGEST_PATTERN. */
const LONGEST_ELEMENT = 2000;

/** Writes a rule as XML. @throws Error for a pattern that OSSEC would refuse */
export function ruleXml(rule: Rule): string {
  const { id, level, isGate, counts, parents, elements, description, groups = [], comment } = rule;
  const attributes = [
    `id="${id}"`,
    `level="${level}"`,
    ...(isGate ? ['noalert="1"'] : []),
    ...(counts ? [`frequency="${counts.frequency}"`, `timeframe="${counts.timeframe}"`] : []),
  ];
  const lines = [
    ...(comment === undefined ? [] : [`<!-- ${comment} -->`]),
    `<rule ${attributes.join(' ')}>`,
    ...(parents.length === 0 ? [] : [`  <if_sid>${parents.join(', ')}</if_sid>`]),
    ...elements.flatMap(([name, text]) => elementLines(name, text)).map((line) => `  ${line}`),
    `  <description>${description}</description>`,
    ...(groups.length === 0 ? [] : [`  <group>${groups.map((group) => `${group},`).join('')}</group>`]),
    '</rule>',
  ];
  return lines.map((line) => `  ${line}\n`).join('');
}

function elementLines(name: string, text: string): string[] {
  if (text === '') return [`<${name} />`];
  if (/[<>&$]|\(\?:\)/.test(text)) throw new Error(`a pattern must not contain <, >, &, $ or (?:): ${text}`);
  const pieces = piecesOf(text);
  if (text.length > LONGEST_PATTERN)
    throw new Error(`a pattern of ${text.length} bytes is too long for OSSEC`);
  return pieces.map((piece) => `<${name}>${piece}</${name}>`);
}

/** Splits a pattern after an alternative, so that no element is too long. */
function piecesOf(text: string): string[] {
  if (text.length <= LONGEST_ELEMENT) return [text];
  const cut = text.lastIndexOf('|', LONGEST_ELEMENT) + 1;
  return [text.slice(0, cut), ...piecesOf(text.slice(cut))];
}
