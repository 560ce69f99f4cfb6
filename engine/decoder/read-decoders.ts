import type { Dialect } from '../dialect.ts';
import type { Category } from '../event/category.ts';
import { configError } from '../failure.ts';
import { attribute, type Element } from '../xml/element.ts';
import { readXml } from '../xml/read-xml.ts';
import { checkDecoder } from './check-decoder.ts';
import type { Decoder, Offset } from './decoder.ts';
import { ftsField, orderEntry } from './fields.ts';
import { newDecoder } from './new-decoder.ts';
import { PatternParts } from './pattern-parts.ts';
import { pluginDecoder } from './plugins/plugins.ts';

const CATEGORIES: readonly string[] = [
  'firewall',
  'ids',
  'web-log',
  'syslog',
  'squid',
  'windows',
  'host-information',
  'ossec',
] satisfies Category[];

/** OSSEC reads at most 8 entries of `<fts>`. */
const MAX_FTS = 8;

/**
 * Reads the decoders of one file.
 *
 * @throws RiposteError (CONFIG) with file and line for anything that the dialect does not know
 */
export function readDecoders(text: string, file: string, dialect: Dialect): Decoder[] {
  return readXml(text, file, dialect).map((element) => {
    if (element.name.toLowerCase() !== 'decoder') {
      throw configError(
        element.position,
        `element '${element.name}' among the decoders: only 'decoder' is allowed`,
      );
    }
    return readDecoder(element, dialect);
  });
}

function readDecoder(element: Element, dialect: Dialect): Decoder {
  const name = attribute(element, 'name');
  if (!name) throw configError(element.position, 'a decoder has no name');
  if (element.children.length === 0) throw configError(element.position, `decoder '${name}' is empty`);
  const decoder = newDecoder(name, 'syslog', element.position);
  const parts = new PatternParts(name, dialect);
  for (const child of element.children) readOption(decoder, parts, child, dialect);
  decoder.programName = parts.compile('program_name', 'osmatch');
  decoder.prematch = parts.compile('prematch', 'osregex');
  decoder.prematchOffset = parts.offset('prematch');
  decoder.regex = parts.compile('regex', 'osregex');
  decoder.regexOffset = parts.offset('regex');
  decoder.countsUnsetGroups = dialect === 'wazuh' && parts.isTypedPcre2('regex');
  decoder.claimsByRegex = dialect === 'ossec';
  checkDecoder(decoder);
  return decoder;
}

function readOption(decoder: Decoder, parts: PatternParts, option: Element, dialect: Dialect): void {
  const { text, position } = option;
  const name = option.name.toLowerCase();
  if (parts.take(name, option)) return;
  switch (name) {
    case 'parent':
      decoder.parent = (decoder.parent ?? '') + text;
      return;
    case 'use_own_name':
      decoder.usesOwnName = text === 'true';
      return;
    case 'ftscomment':
      return;
    case 'json_null_field':
      if (dialect !== 'wazuh') break;
      decoder.json.discardsNull = text.trim() === 'discard';
      return;
    case 'json_array_structure':
      if (dialect !== 'wazuh') break;
      decoder.json.joinsLists = text.trim() === 'csv';
      return;
    case 'accumulate':
      decoder.accumulates = true;
      return;
    case 'type':
      if (!CATEGORIES.includes(text))
        throw configError(position, `decoder '${decoder.name}' has an unknown type '${text}'`);
      decoder.category = text as Category;
      return;
    case 'order':
      decoder.order = text.split(',').map((entry) => {
        const word = entry.trim().split(' ')[0];
        if (!word) throw configError(position, `decoder '${decoder.name}' has an empty entry in its order`);
        return orderEntry(word);
      });
      return;
    case 'fts':
      readFts(decoder, option);
      return;
    case 'plugin_decoder':
      decoder.plugin = pluginDecoder(text.trim(), dialect, decoder.json);
      decoder.pluginOffset = (attribute(option, 'offset') as Offset | undefined) ?? 'start';
      if (!decoder.plugin)
        throw configError(
          position,
          `decoder '${decoder.name}' needs the plugin '${text}', which the engine lacks`,
        );
      return;
  }
  throw configError(position, `unknown element '${option.name}' in decoder '${decoder.name}'`);
}

function readFts(decoder: Decoder, option: Element): void {
  for (const entry of option.text.split(',').slice(0, MAX_FTS)) {
    const field = ftsField(entry);
    if (!field)
      throw configError(
        option.position,
        `decoder '${decoder.name}' has an unknown field '${entry}' in its fts`,
      );
    decoder.fts.add(field);
  }
}
