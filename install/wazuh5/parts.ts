import { EX, RiposteError } from '../../base/errors.ts';
import { hitsIn, isDocument } from './content.ts';
import { covers } from './covers.ts';
import type { Indexer } from './indexer.ts';
import { CHANNEL_ID, type Document, MADE, type Pack } from './pack.ts';
import type { Json } from './yaml.ts';

/** The parts of an installation in the indexer, other than the content. A part may depend on the parts before it. */
export const PARTS = ['detector', 'channel', 'monitor'] as const;

export type PartName = (typeof PARTS)[number];

/** A part in the indexer. */
export interface StoredPart {
  readonly id: string;
  readonly document: Document;
}

export type Parts = Readonly<Record<PartName, StoredPart | undefined>>;

const PATHS: Readonly<Record<PartName, string>> = {
  detector: '/_plugins/_security_analytics/detectors',
  channel: '/_plugins/_notifications/configs',
  monitor: '/_plugins/_alerting/monitors',
};

/** A person's choices about the response. Undefined keeps the value that the indexer has. */
export interface ResponseOptions {
  readonly executable?: string | undefined;
  /** In seconds. */
  readonly timeout?: number | undefined;
  /** `local`, `all`, or the number of an agent. */
  readonly location?: string | undefined;
}

/** @throws RiposteError (CANTCREAT) when the indexer has a part of the same name that Riposte did not make */
export async function findParts(indexer: Indexer, { detector, channel, monitor }: Pack): Promise<Parts> {
  const [detectors, channels, monitors] = await Promise.all([
    indexer.find('POST', `${PATHS.detector}/_search`, {
      size: 100,
      query: { match: { 'detector.name': String(detector.name) } },
    }),
    indexer.find('GET', `${PATHS.channel}?config_type=active_response&max_items=100`),
    indexer.find('POST', `${PATHS.monitor}/_search`, {
      size: 100,
      query: { match: { 'monitor.name': String(monitor.name) } },
    }),
  ]);
  const configs = Array.isArray(channels?.config_list) ? channels.config_list : [];
  return {
    detector: ownPart(indexer, 'detector', nameIn(detector), hitsIn(detectors ?? {})),
    channel: ownPart(
      indexer,
      'channel',
      nameIn(channel),
      configs.flatMap((item: Json) =>
        isDocument(item) && isDocument(item.config)
          ? [{ id: String(item.config_id), source: { config: item.config } }]
          : [],
      ),
    ),
    monitor: ownPart(indexer, 'monitor', nameIn(monitor), hitsIn(monitors ?? {})),
  };
}

function ownPart(
  { host }: Indexer,
  part: PartName,
  name: string,
  found: readonly { readonly id: string; readonly source: Document }[],
): StoredPart | undefined {
  const inner = (source: Document) => {
    const { [part]: wrapped } = source;
    return isDocument(wrapped) ? wrapped : source;
  };
  const same = found
    .map(({ id, source }) => ({ id, document: inner(source) }))
    .filter(({ document }) => nameIn(document) === name);
  const own = same.find(({ document }) => JSON.stringify(document).includes(MADE));
  if (own !== undefined || same.length === 0) return own;
  throw new RiposteError(
    EX.CANTCREAT,
    `${host} has another ${part} '${name}', which Riposte did not make: rename or remove it; nothing was changed`,
  );
}

const nameIn = (document: Document): string =>
  String(isDocument(document.config) ? document.config.name : document.name);

/** The parts that the pack defines. A part that a person has switched off stays off. */
export function wantedParts(
  pack: Pack,
  parts: Parts,
  rules: readonly string[],
  options: ResponseOptions,
): Readonly<Record<PartName, Document>> {
  return {
    detector: keepingSwitch(withRules(pack.detector, rules), parts.detector),
    channel: channelOf(pack.channel, parts.channel, options),
    monitor: keepingSwitch(
      JSON.parse(
        JSON.stringify(pack.monitor).replaceAll(
          `"${CHANNEL_ID}"`,
          JSON.stringify(parts.channel?.id ?? CHANNEL_ID),
        ),
      ),
      parts.monitor,
    ),
  };
}

const keepingSwitch = (wanted: Document, stored: StoredPart | undefined): Document =>
  typeof stored?.document.enabled === 'boolean' ? { ...wanted, enabled: stored.document.enabled } : wanted;

function withRules(detector: Document, rules: readonly string[]): Document {
  const inputs = Array.isArray(detector.inputs) ? detector.inputs : [];
  return {
    ...detector,
    inputs: inputs.map((input: Json) =>
      isDocument(input) && isDocument(input.detector_input)
        ? {
            detector_input: {
              ...input.detector_input,
              custom_rules: [...rules].sort().map((id) => ({ id })),
            },
          }
        : input,
    ),
  };
}

function channelOf(channel: Document, part: StoredPart | undefined, options: ResponseOptions): Document {
  const config = isDocument(channel.config) ? channel.config : {};
  const before = isDocument(part?.document.config) ? part.document.config : {};
  const { executable, timeout, location } = options;
  const stored: Document = {
    ...(isDocument(config.active_response) ? config.active_response : {}),
    ...(isDocument(before.active_response) ? before.active_response : {}),
  };
  const { location: oldLocation, agent_id: oldAgent, ...others } = stored;
  const oldPlace = oldLocation === 'defined-agent' ? String(oldAgent) : String(oldLocation);
  const response: Document = {
    ...others,
    ...(executable === undefined ? {} : { executable }),
    ...(timeout === undefined ? {} : { stateful_timeout: timeout }),
    ...placeOf(location ?? oldPlace),
  };
  return {
    config: {
      ...config,
      is_enabled: before.is_enabled ?? config.is_enabled ?? true,
      active_response: response,
    },
  };
}

function placeOf(location: string): Document {
  return /^\d+$/.test(location) ? { location: 'defined-agent', agent_id: location } : { location };
}

/** Creates or updates a part. @returns its id, and a word for the change; undefined when it needs no change */
export async function putPart(
  indexer: Indexer,
  part: PartName,
  stored: StoredPart | undefined,
  wanted: Document,
): Promise<{ readonly id: string; readonly what: 'created' | 'updated' } | undefined> {
  if (stored === undefined) {
    const answer = await indexer.send('POST', PATHS[part], wanted);
    return { id: String(answer._id ?? answer.config_id), what: 'created' };
  }
  if (covers(sortedRules(stored.document), wanted)) return undefined;
  await indexer.send('PUT', pathOf(part, stored.id), wanted);
  return { id: stored.id, what: 'updated' };
}

/** Rules of a detector have no order. */
function sortedRules(document: Document): Document {
  const inputs = Array.isArray(document.inputs) ? document.inputs : undefined;
  if (inputs === undefined) return document;
  return {
    ...document,
    inputs: inputs.map((input: Json) => {
      if (!isDocument(input) || !isDocument(input.detector_input)) return input;
      const { custom_rules: rules } = input.detector_input;
      const ids = (Array.isArray(rules) ? rules : []).map((rule: Json) =>
        isDocument(rule) ? String(rule.id) : '',
      );
      return { detector_input: { ...input.detector_input, custom_rules: ids.sort().map((id) => ({ id })) } };
    }),
  };
}

export const isAsWanted = (stored: StoredPart | undefined, wanted: Document): boolean =>
  stored !== undefined && covers(sortedRules(stored.document), wanted);

/** Restores the former state of a part: removes the part, or writes its old document. */
export const restorePart = async (
  indexer: Indexer,
  part: PartName,
  { id, document }: StoredPart,
): Promise<void> => {
  await indexer.send('PUT', pathOf(part, id), document);
};

export const removePart = async (indexer: Indexer, part: PartName, id: string): Promise<void> => {
  await indexer.find('DELETE', pathOf(part, id));
};

const pathOf = (part: PartName, id: string): string => `${PATHS[part]}/${encodeURIComponent(id)}`;
