import type { Dialect } from '../dialect.ts';
import { configError } from '../failure.ts';
import { attribute, type Element } from './element.ts';

/**
 * Removes the `<var name="X">` elements and replaces `$X` in later text by their values. A name ends at `$`, `.`, `|`,
 * `,`, a space or the end of the text. Case does not matter.
 *
 * @throws RiposteError (CONFIG) for a variable without a name, and for an undefined name in a file that defines other
 *   variables; a file without variables may use `$` freely
 */
export function applyVariables(roots: Element[], dialect: Dialect): Element[] {
  const variables = new Map<string, string>();
  return withoutVariables(roots);

  function withoutVariables(elements: Element[]): Element[] {
    return elements.filter((element) => {
      if (element.name.toLowerCase() === 'var') return define(element);
      for (const given of element.attributes) given.value = expand(given.value, element);
      element.text = expand(element.text, element);
      element.children = withoutVariables(element.children);
      return true;
    });
  }

  function define(element: Element): false {
    const name = attribute(element, 'name');
    if (name === undefined) throw configError(element.position, 'a variable has no name');
    if (element.attributes.length > 1)
      throw configError(element.position, `variable '${name}' may only have a name`);
    variables.set(name.toLowerCase(), element.text);
    return false;
  }

  function expand(text: string, element: Element): string {
    if (variables.size === 0 || text.length <= 2 || !text.includes('$')) return text;
    return text.replace(NAMES[dialect], (whole, name: string) => {
      if (name === '') return whole;
      const value = variables.get(name.toLowerCase());
      if (value === undefined) throw configError(element.position, `unknown variable '${name}'`);
      return value;
    });
  }
}

/** In Wazuh, `$(name)` is a field of the event, for use in a description. */
const NAMES = { ossec: /\$([^$.|, ]*)/g, wazuh: /\$(?!\()([^$.|, ]*)/g } as const;
