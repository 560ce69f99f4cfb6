/** A rule or decoder: its attributes, and the text of its elements. Elements of one name are joined, as managers do. */
export interface Block {
  attributes: Record<string, string>;
  elements: Record<string, string>;
}

export const withoutComments = (xml: string) => xml.replace(/<!--.*?-->/gs, '');

/** The `<rule>` or `<decoder>` blocks of a file. */
export function blocks(xml: string, tag: 'rule' | 'decoder'): Block[] {
  return [...withoutComments(xml).matchAll(new RegExp(`<${tag}( [^>]*)>(.*?)</${tag}>`, 'gs'))].map(
    ([, attributes = '', inner = '']) => {
      const elements: Record<string, string> = {};
      for (const [, name = '', , text = ''] of inner.matchAll(/<(\w+)( [^>]*)?>(.*?)<\/\1>/gs)) {
        elements[name] = (elements[name] ?? '') + text;
      }
      for (const [, name = ''] of inner.matchAll(/<(\w+) ?\/>/g)) elements[name] = '';
      return { attributes: attributesOf(attributes), elements };
    },
  );
}

function attributesOf(text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]));
}

/** The first XML error of a file, which may have several roots; undefined when there is no error. */
export function notWellFormed(xml: string): string | undefined {
  const comment = [...xml.matchAll(/<!--(.*?)-->/gs)].find(([, text]) => text?.includes('--'));
  if (comment) return `-- inside a comment: ${comment[0].slice(0, 60)}`;
  const open: string[] = [];
  for (const [tag, slash, name = '', , empty] of withoutComments(xml).matchAll(
    /<(\/?)([\w-]+)((?: \w+="[^"<]*")*) ?(\/?)>|[<&]/g,
  )) {
    if (!name) return `stray ${tag}`;
    if (slash && open.pop() !== name) return `</${name}> closes nothing`;
    if (!slash && !empty) open.push(name);
  }
  return open.length > 0 ? `<${open.at(-1)}> is not closed` : undefined;
}
