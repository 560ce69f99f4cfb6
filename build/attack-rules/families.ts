import { LIST_FILES } from '../../judgement/signatures/list/index.ts';

/**
 * Kinds of products. An ordinary person may look for several products of one kind on their own site, and a manager
 * cannot count products. So the manager counts requests of different families.
 */
export const FAMILIES = [
  'content',
  'consoles',
  'servers',
  'gateways',
  'devices',
  'files',
  'webshells',
] as const;

export type Family = (typeof FAMILIES)[number];

/** The family of each section of the list; every other section of a file has the family of the file. */
const OF_SECTION: Readonly<Record<string, Family>> = {
  WordPress: 'content',
  'Other content management': 'content',
  'PHP and its frameworks': 'content',
  'Consoles of databases': 'consoles',
  'Consoles by the names of their products': 'consoles',
  Mail: 'consoles',
  'Virtual machines, files, help desks': 'gateways',
  'Gateways: VPN and remote access': 'gateways',
  Microsoft: 'gateways',
  'Routers, cameras, storage': 'devices',
  'Programs of routers, cameras and recorders': 'devices',
};

const OF_FILE: Readonly<Record<string, Family>> = {
  secrets: 'files',
  webshells: 'webshells',
};

/** The family of each path of the list, by its pattern. A product belongs to the family of its first line. */
export function familiesOfPaths(): ReadonlyMap<string, Family> {
  const ofProduct = new Map<string, Family>();
  const ofPattern = new Map<string, Family>();
  for (const { name, text } of LIST_FILES) {
    const file = /(\w+)\.txt$/.exec(name)?.[1] ?? '';
    let family: Family = OF_FILE[file] ?? 'servers';
    for (const line of text.split('\n')) {
      const section = /^# (.*)$/.exec(line)?.[1];
      if (section !== undefined) family = OF_FILE[file] ?? OF_SECTION[section] ?? 'servers';
      const [, kind, pattern, product] = line.split(/ {2,}/);
      if (kind !== 'path' || pattern === undefined || product === undefined) continue;
      const own = ofProduct.get(product) ?? family;
      ofProduct.set(product, own);
      ofPattern.set(pattern, own);
    }
  }
  return ofPattern;
}
