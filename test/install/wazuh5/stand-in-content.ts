import { randomUUID } from 'node:crypto';
import { decode, type Event } from './engine.ts';
import { readYaml } from './read-yaml.ts';
import { matchesRule } from './sigma.ts';
import {
  type Answer,
  type Doc,
  demandKeys,
  isDoc,
  ok,
  type Received,
  Refusal,
  refuse,
} from './stand-in-answer.ts';

type Space = 'draft' | 'test' | 'custom';
const KINDS = ['integrations', 'decoders', 'rules', 'kvdbs', 'filters'] as const;
type Kind = (typeof KINDS)[number];
type Stored = Map<string, Doc>;

const PREFIX = '/_plugins/_content_manager';
const NEXT: Readonly<Record<string, Space>> = { draft: 'test', test: 'custom' };

/** Fields of the Wazuh Common Schema that rules may name here; the indexer refuses other fields. */
const FIELDS = [
  ...['event.dataset', 'event.action', 'url.path', 'url.query', 'http.request.method'],
  ...['http.request.referrer', 'user_agent.original', 'source.ip'],
];

/** The content manager: three spaces, each with its resources and its policy. */
export class ContentManager {
  readonly #spaces: Record<Space, Record<Kind, Stored>> = {
    draft: emptySpace(),
    test: emptySpace(),
    custom: emptySpace(),
  };
  readonly policies: Record<Space, Doc> = {
    draft: newPolicy(true),
    test: newPolicy(false),
    custom: newPolicy(false),
  };

  /** The documents of a kind in a space. */
  documents(space: Space, kind: Kind): Doc[] {
    return [...this.#spaces[space][kind].values()];
  }

  /** Adds another author's document. @returns its id */
  add(space: Space, kind: Kind, document: Doc): string {
    const id = randomUUID();
    this.#spaces[space][kind].set(id, { ...document, id });
    return id;
  }

  /** Copies the content of the draft space to a space. */
  copyFromDraft(space: 'test' | 'custom'): void {
    for (const kind of KINDS) this.#spaces[space][kind] = structuredClone(this.#spaces.draft[kind]);
  }

  answer({ method, body, type }: Received, { pathname, searchParams }: URL): Answer {
    try {
      const index = /^\/wazuh-threatintel-(\w+)\/_search$/.exec(pathname)?.[1];
      if (index !== undefined && method === 'POST') return this.#search(index, JSON.parse(body));
      const path = pathname.slice(PREFIX.length + 1);
      const parsed = body === '' ? {} : type === 'application/yaml' ? readYaml(body) : JSON.parse(body);
      if (!isDoc(parsed)) throw new Refusal(400, 'Invalid request body.');
      return this.#route(method, path, parsed, type ?? '', searchParams.get('space') ?? undefined);
    } catch (error) {
      if (error instanceof Refusal) return refuse(error.status, error.message);
      throw error;
    }
  }

  #route(method: string, path: string, body: Doc, type: string, space: string | undefined): Answer {
    const [, kind, id] = /^(integrations|decoders|rules)(?:\/([\w-]+))?$/.exec(path) ?? [];
    if (kind !== undefined) {
      if (type === 'application/yaml' && kind !== 'decoders') throw new Refusal(400, 'Invalid request body.');
      if (method === 'POST' && id === undefined) return this.#create(kind as Kind, body);
      if (method === 'PUT' && id !== undefined) return this.#update(kind as Kind, id, body);
      if (method === 'DELETE' && id !== undefined) return this.#delete(kind as Kind, id);
    }
    if (path === 'policy/draft' && method === 'PUT') return this.#updatePolicy(body);
    if (path === 'promote' && method === 'GET') return ok({ changes: this.#pending(sourceOf(space)) });
    if (path === 'promote' && method === 'POST') return this.#promote(body);
    if (path === 'logtest' && method === 'POST') return this.#logtest(body);
    return refuse(405, `no handler for ${method} ${path}`);
  }

  #search(index: string, { query }: { query: Doc }): Answer {
    const all = (['draft', 'test', 'custom'] as const).flatMap((space) =>
      (index === 'policies' ? [this.policies[space]] : this.documents(space, index as Kind)).map(
        (document) => ({
          _id: randomUUID(),
          _source: { document, space: { name: space }, hash: { sha256: '0' } },
        }),
      ),
    );
    const hits = all.filter(({ _source }) => matchesQuery(query, _source));
    return ok({ hits: { total: { value: hits.length }, hits } });
  }

  #create(kind: Kind, body: Doc): Answer {
    demandKeys('request', body, ['integration', 'resource'], ['resource']);
    const resource = resourceIn(body);
    if (kind !== 'integrations' && typeof body.integration !== 'string')
      throw new Refusal(400, 'Missing [integration] field.');
    const parent = this.#parent(kind, String(body.integration));
    this.#validate(kind, resource, parent, undefined);
    const id = randomUUID();
    const dates = { date: '2026-11-20T09:00:00Z', modified: '2026-11-20T09:00:00Z' };
    const document = { ...resource, id, metadata: { ...(resource.metadata as Doc), ...dates } };
    this.#spaces.draft[kind].set(
      id,
      kind === 'integrations' ? { ...document, rules: [], decoders: [], kvdbs: [] } : document,
    );
    const list =
      kind === 'integrations' ? (this.policies.draft.integrations as string[]) : (parent?.[kind] as string[]);
    list.push(id);
    return ok({ message: id, status: 201 }, 201);
  }

  #update(kind: Kind, id: string, body: Doc): Answer {
    const old = this.#own(kind, id);
    const resource = resourceIn(body);
    const parent = this.documents('draft', 'integrations').find((one) =>
      (one[kind] as string[])?.includes(id),
    );
    this.#validate(kind, resource, parent, id);
    if (kind === 'integrations')
      for (const list of ['rules', 'decoders', 'kvdbs']) {
        if (!Array.isArray(resource[list])) throw new Refusal(400, `Missing [${list}] field.`);
        if ([...resource[list]].sort().join() !== [...(old[list] as string[])].sort().join())
          throw new Refusal(400, `Content of '${list}' cannot be added or removed via update.`);
      }
    const { date } = old.metadata as Doc;
    const metadata = { ...(resource.metadata as Doc), date, modified: '2026-11-20T10:00:00Z' };
    this.#spaces.draft[kind].set(id, { ...resource, id, metadata });
    return ok({ message: id, status: 200 });
  }

  #delete(kind: Kind, id: string): Answer {
    const old = this.#own(kind, id);
    for (const list of ['decoders', 'rules', 'kvdbs'])
      if (kind === 'integrations' && (old[list] as string[]).length > 0)
        throw new Refusal(400, `Cannot delete integration because it has ${list} attached.`);
    if (this.policies.draft.root_decoder === id)
      throw new Refusal(400, `Cannot remove decoder [${id}] as it is set as root decoder.`);
    this.#spaces.draft[kind].delete(id);
    const holders = kind === 'integrations' ? [this.policies.draft] : this.documents('draft', 'integrations');
    for (const holder of holders) holder[kind] = (holder[kind] as string[]).filter((one) => one !== id);
    return ok({ message: id, status: 200 });
  }

  #own(kind: Kind, id: string): Doc {
    const found = this.#spaces.draft[kind].get(id);
    if (found === undefined) throw new Refusal(404, 'Resource not found.');
    return found;
  }

  #parent(kind: Kind, id: string): Doc | undefined {
    if (kind === 'integrations') return undefined;
    const found = this.#spaces.draft.integrations.get(id);
    if (found === undefined) throw new Refusal(400, `Integration [${id}] not found.`);
    return found;
  }

  #validate(kind: Kind, resource: Doc, parent: Doc | undefined, id: string | undefined): void {
    const { title } = (resource.metadata ?? {}) as Doc;
    if (kind !== 'decoders') {
      const isTaken = [...this.#spaces.draft[kind]].some(
        ([other, { metadata }]) => other !== id && (metadata as Doc).title === title,
      );
      if (isTaken)
        throw new Refusal(
          400,
          `A ${kind.slice(0, -1)} with the name '${title}' already exists in the draft space.`,
        );
    }
    VALIDATIONS[kind]?.(resource, parent);
  }

  #updatePolicy(body: Doc): Answer {
    const resource = resourceIn(body);
    demandKeys(
      'policy',
      resource,
      [
        'metadata',
        'root_decoder',
        'integrations',
        'filters',
        'enrichments',
        'enabled',
        'index_unclassified_events',
        'index_discarded_events',
      ],
      ['metadata', 'enabled', 'index_unclassified_events', 'index_discarded_events'],
    );
    demandKeys(
      'policy',
      resource.metadata as Doc,
      ['title', 'author', 'description', 'documentation', 'references'],
      ['author', 'description', 'references'],
    );
    for (const list of ['integrations', 'filters'])
      if (
        [...(resource[list] as string[])].sort().join() !==
        [...(this.policies.draft[list] as string[])].sort().join()
      )
        throw new Refusal(400, `Content of '${list}' cannot be added or removed via update.`);
    const { id } = this.policies.draft;
    this.policies.draft = { ...resource, root_decoder: resource.root_decoder || null, id };
    return ok({ message: 'kQPmV5wBi_TgruUn97RT', status: 200 });
  }

  #pending(source: Space): Record<string, Doc[]> {
    const target = NEXT[source] as Space;
    const lists = KINDS.map((kind) => {
      const [own, next] = [this.#spaces[source][kind], this.#spaces[target][kind]];
      const added = [...own].flatMap(([id, document]) => {
        if (!next.has(id)) return [{ operation: 'add', id }];
        return same(document, next.get(id)) ? [] : [{ operation: 'update', id }];
      });
      const removed = [...next.keys()]
        .filter((id) => !own.has(id))
        .map((id) => ({ operation: 'remove', id }));
      return [kind, [...added, ...removed]];
    });
    const isPolicySame = same(this.policies[source], this.policies[target]);
    return {
      ...Object.fromEntries(lists),
      policy: isPolicySame ? [] : [{ operation: 'update', id: String(this.policies[source].id) }],
    };
  }

  #promote({ space, changes }: Doc): Answer {
    const source = sourceOf(space);
    const target = NEXT[source] as Space;
    if (!isDoc(changes) || [...KINDS, 'policy'].some((list) => !Array.isArray(changes[list])))
      throw new Refusal(
        400,
        'All resource type lists (policy, integrations, kvdbs, decoders, filters, rules) are required in changes',
      );
    const next = Object.fromEntries(
      KINDS.map((kind) => [kind, new Map(this.#spaces[target][kind])]),
    ) as Record<Kind, Stored>;
    for (const kind of KINDS)
      for (const { operation, id } of changes[kind] as { operation: string; id: string }[]) {
        const document = this.#spaces[source][kind].get(id);
        if (operation === 'remove') next[kind].delete(id);
        else if (document === undefined) throw new Refusal(500, `Resource '${id}' not found in ${kind}`);
        else next[kind].set(id, structuredClone(document));
      }
    const policy =
      (changes.policy as unknown[]).length > 0
        ? structuredClone(this.policies[source])
        : this.policies[target];
    demandRunnable(policy, next);
    this.#spaces[target] = next;
    this.policies[target] = policy;
    return ok({ message: 'Promotion completed successfully', status: 200 });
  }

  #logtest(body: Doc): Answer {
    demandKeys(
      'logtest',
      body,
      ['integration', 'space', 'queue', 'location', 'event', 'metadata', 'trace_level'],
      ['space', 'queue', 'location', 'event'],
    );
    if (body.space !== 'test' || body.trace_level !== 'NONE') throw new Refusal(400, 'Invalid value.');
    const integration = this.#spaces.test.integrations.get(String(body.integration));
    if (integration === undefined) throw new Refusal(400, `Integration [${body.integration}] not found.`);
    if (this.policies.test.enabled !== true) throw new Refusal(500, 'no test policy is loaded');
    const of = (kind: Kind): Doc[] =>
      (integration[kind] as string[]).flatMap((id): Doc[] => [this.#spaces.test[kind].get(id) ?? []].flat());
    const isRoot = ({ id }: Doc) => id === this.policies.test.root_decoder;
    const decoders = of('decoders').filter((decoder) => !isRoot(decoder));
    const event: Event = decode(decoders, String(body.location), String(body.event)) ?? {};
    const matches = of('rules')
      .filter((rule) => matchesRule(rule, event, 'logtest'))
      .map((rule) => ({ rule: { id: rule.id, title: (rule.metadata as Doc).title, level: rule.level } }));
    return ok({
      status: 200,
      message: {
        normalization: { output: event, asset_traces: [], validation: { valid: true, errors: [] } },
        detection: { status: 'success', rules_evaluated: 1, rules_matched: matches.length, matches },
      },
    });
  }
}

const emptySpace = (): Record<Kind, Stored> =>
  Object.fromEntries(KINDS.map((kind) => [kind, new Map()])) as Record<Kind, Stored>;

const POLICY_ID = randomUUID();

const newPolicy = (enabled: boolean): Doc => ({
  id: POLICY_ID,
  metadata: {
    title: 'Custom space',
    author: 'Custom',
    description: 'Custom space',
    documentation: '',
    references: [],
  },
  root_decoder: null,
  integrations: [],
  filters: [],
  enrichments: [],
  enabled,
  index_unclassified_events: false,
  index_discarded_events: false,
});

function sourceOf(space: unknown): 'draft' | 'test' {
  if (space === 'draft' || space === 'test') return space;
  throw new Refusal(400, `Space [${space}] cannot be promoted.`);
}

function resourceIn({ resource }: Doc): Doc {
  if (!isDoc(resource)) throw new Refusal(400, 'Missing [resource] field.');
  if (resource.id !== undefined) throw new Refusal(400, 'id must not be provided');
  return resource;
}

/** Refuses a policy as the engine does: if it has integrations but no root decoder, or names a missing resource. */
function demandRunnable({ integrations, root_decoder: root }: Doc, next: Record<Kind, Stored>): void {
  const ids = integrations as string[];
  if (ids.length > 0 && !root) throw new Refusal(400, 'Missing root decoder');
  if (root && !next.decoders.has(String(root)))
    throw new Refusal(400, `Root decoder '${root}' does not exist`);
  for (const id of ids) {
    const integration = next.integrations.get(id);
    if (integration === undefined) throw new Refusal(400, `Failed to resolve integration with uuid='${id}'`);
    for (const decoder of integration.decoders as string[])
      if (!next.decoders.has(decoder)) throw new Refusal(400, `decoder '${decoder}' does not exist`);
  }
}

const METADATA = [
  'title',
  'author',
  'description',
  'references',
  'documentation',
  'date',
  'modified',
  'compatibility',
  'supports',
];
const LEVELS = ['informational', 'low', 'medium', 'high', 'critical'];

const VALIDATIONS: Partial<Record<Kind, (resource: Doc, parent: Doc | undefined) => void>> = {
  integrations(resource) {
    demandKeys(
      'integration',
      resource,
      ['metadata', 'category', 'enabled', 'rules', 'decoders', 'kvdbs'],
      ['metadata', 'category'],
    );
    demandKeys('integration', resource.metadata as Doc, METADATA, ['title', 'author']);
    if (
      ![
        'access-management',
        'applications',
        'cloud-services',
        'network-activity',
        'security',
        'system-activity',
        'other',
      ].includes(String(resource.category))
    )
      throw new Refusal(400, 'Engine validation failed. category');
  },
  decoders(resource) {
    demandKeys(
      'Engine validation failed.',
      resource,
      ['name', 'enabled', 'metadata', 'check', 'parents', 'normalize', 'definitions', 'parse|'],
      ['name', 'enabled', 'metadata'],
    );
    demandKeys('Engine validation failed.', resource.metadata as Doc, METADATA, [
      'title',
      'author',
      'description',
    ]);
    if (!/^decoder\/[^/]+\/0$/.test(String(resource.name)))
      throw new Refusal(400, 'Engine validation failed. name');
  },
  rules(resource, parent) {
    demandKeys(
      'rule',
      resource,
      [
        'metadata',
        'sigma_id',
        'enabled',
        'status',
        'level',
        'logsource',
        'detection',
        'mitre',
        'compliance',
        'tags',
        'falsepositives',
      ],
      ['metadata', 'status', 'level', 'logsource', 'detection', 'enabled'],
    );
    demandKeys('rule', resource.metadata as Doc, METADATA, ['title', 'author']);
    const { product } = resource.logsource as Doc;
    const title = (parent?.metadata as Doc | undefined)?.title;
    if (product !== title)
      throw new Refusal(
        400,
        `Rule logsource.product ('${product}') must match the integration's metadata.title ('${title}').`,
      );
    if (!LEVELS.includes(String(resource.level))) throw new Refusal(400, 'Value of level not correct');
    const { condition, ...selections } = resource.detection as Doc;
    for (const selection of Object.values(selections).flat())
      for (const key of Object.keys(selection as Doc))
        if (!FIELDS.includes(key.replace(/\|.*/, '')))
          throw new Refusal(400, `fields not in the Wazuh Common Schema (WCS): ${key}`);
    for (const [word] of String(condition).matchAll(/\w+/g))
      if (!['and', 'or', 'not'].includes(word) && !(word in selections))
        throw new Refusal(400, `no selection ${word}`);
  },
};

/** True if `source` matches a query `term`, `terms`, or `bool` with `must`. @throws Refusal (400) for another query */
function matchesQuery(query: Doc, source: Doc): boolean {
  const [[kind, inner] = ['', {}], ...more] = Object.entries(query);
  if (more.length > 0 || !isDoc(inner)) throw new Refusal(400, 'one query only');
  if (kind === 'bool') return (inner.must as Doc[]).every((one) => matchesQuery(one, source));
  const [[field, wanted] = ['', undefined]] = Object.entries(inner);
  const value = field.split('.').reduce<unknown>((at, key) => (at as Doc | undefined)?.[key], source);
  if (kind === 'term') return value === wanted;
  if (kind === 'terms') return (wanted as unknown[]).includes(value);
  throw new Refusal(400, `unknown query [${kind}]`);
}

/** True if two documents are equal, including their dates. (The indexer compares hashes without dates.) */
function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
