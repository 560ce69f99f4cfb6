import { randomUUID } from 'node:crypto';
import { type Answer, type Doc, demandKeys, isDoc, ok, type Received, Refusal } from './stand-in-answer.ts';

const DETECTORS = '/_plugins/_security_analytics/detectors';
const CHANNELS = '/_plugins/_notifications/configs';
const MONITORS = '/_plugins/_alerting/monitors';

/** Detectors, channels and monitors of OpenSearch, with Wazuh's refusals for active responses. */
export class OtherPlugins {
  readonly detectors = new Map<string, Doc>();
  readonly channels = new Map<string, Doc>();
  readonly monitors = new Map<string, Doc>();
  /** The highest number of channels for active responses. */
  mostChannels = 10;

  answer({ method, body }: Received, { pathname }: URL): Answer {
    try {
      const parsed: Doc = body === '' ? {} : JSON.parse(body);
      if (pathname.startsWith(DETECTORS))
        return answerFor(
          method,
          pathname.slice(DETECTORS.length),
          parsed,
          this.detectors,
          demandDetector,
          'detector',
        );
      if (pathname.startsWith(MONITORS))
        return answerFor(
          method,
          pathname.slice(MONITORS.length),
          parsed,
          this.monitors,
          this.#demandMonitor,
          'monitor',
        );
      if (pathname.startsWith(CHANNELS))
        return this.#channel(method, pathname.slice(CHANNELS.length), parsed);
    } catch (error) {
      if (error instanceof Refusal) return refusal(error.status, error.message);
      throw error;
    }
    return refusal(400, `no handler found for uri [${pathname}] and method [${method}]`);
  }

  #channel(method: string, rest: string, body: Doc): Answer {
    const list = [...this.channels].map(([config_id, config]) => ({ config_id, config, created_time_ms: 1 }));
    if (method === 'GET') return ok({ start_index: 0, total_hits: list.length, config_list: list });
    const id = rest.slice(1);
    if (method === 'DELETE') {
      if (!this.channels.delete(id)) return refusal(404, `notification config ids not found: ${id}`);
      return ok({ delete_response_list: { [id]: 'OK' } });
    }
    demandKeys('channel', body, ['config', 'config_id'], ['config']);
    const { config } = body;
    if (!isDoc(config)) throw new Refusal(400, 'config');
    demandChannel(config);
    if (method === 'PUT') {
      if (!this.channels.has(id)) return refusal(404, 'no such config');
      this.channels.set(id, config);
      return ok({ config_id: id });
    }
    if (this.channels.size >= this.mostChannels)
      return refusal(
        400,
        `This request would exceed the maximum allowed active responses [${this.mostChannels}].`,
      );
    const made = randomUUID();
    this.channels.set(made, config);
    return ok({ config_id: made });
  }

  #demandMonitor = (monitor: Doc): void => {
    demandKeys(
      'monitor',
      monitor,
      [
        'type',
        'name',
        'monitor_type',
        'enabled',
        'schedule',
        'inputs',
        'triggers',
        'enabled_time',
        'last_update_time',
        'user',
        'schema_version',
      ],
      ['type', 'name', 'monitor_type', 'schedule', 'inputs', 'triggers'],
    );
    if (monitor.monitor_type !== 'active_response_monitor') throw new Refusal(400, 'monitor_type');
    const { interval, unit } = (monitor.schedule as { period: Doc }).period;
    if (Number(interval) * (unit === 'MINUTES' ? 60 : 1) > 60)
      throw new Refusal(400, 'Active response monitor schedule must be <= 60 seconds');
    for (const { doc_level_input: input } of monitor.inputs as { doc_level_input: Doc }[]) {
      demandKeys(
        'doc_level_input',
        input,
        ['description', 'indices', 'queries', 'fan_out_enabled'],
        ['indices', 'queries'],
      );
      for (const index of input.indices as string[])
        if (!index.startsWith('wazuh-findings-v5'))
          throw new Refusal(
            400,
            `Active response monitor indices must start with 'wazuh-findings-v5'; found: ${index}`,
          );
      for (const query of input.queries as Doc[])
        demandKeys('query', query, ['id', 'name', 'query', 'fields', 'tags'], ['id', 'name', 'query']);
    }
    for (const { document_level_trigger: trigger } of monitor.triggers as { document_level_trigger: Doc }[])
      for (const action of trigger.actions as Doc[]) {
        demandKeys(
          'action',
          action,
          [
            'id',
            'name',
            'destination_id',
            'message_template',
            'subject_template',
            'throttle_enabled',
            'throttle',
            'action_execution_policy',
          ],
          ['name', 'destination_id', 'message_template'],
        );
        if (!this.channels.has(String(action.destination_id))) throw new Refusal(400, 'no such channel');
      }
  };
}

/** Searching, creating, updating and deleting of documents. */
function answerFor(
  method: string,
  rest: string,
  body: Doc,
  stored: Map<string, Doc>,
  demand: (document: Doc) => void,
  kind: string,
): Answer {
  if (rest === '/_search') {
    const { match } = body.query as { match: Doc };
    const wanted = match[`${kind}.name`];
    if (typeof wanted !== 'string') throw new Refusal(400, 'query');
    if (stored.size === 0) return refusal(404, 'no such index');
    // A `match` query compares words, so it also finds similar names.
    const words = wanted.split(/\W+/);
    const hits = [...stored].filter(([, { name }]) => words.some((word) => String(name).includes(word)));
    return ok({ hits: { hits: hits.map(([_id, document]) => ({ _id, _source: document })) } });
  }
  const id = rest.slice(1);
  if (id !== '' && !stored.has(id)) return refusal(404, `${kind} not found`);
  if (method === 'DELETE') {
    stored.delete(id);
    return ok({ _id: id });
  }
  demand(body);
  const key = method === 'PUT' ? id : randomUUID();
  stored.set(key, { ...body, last_update_time: 1_795_166_136_000, user: { name: 'admin' } });
  return ok({ _id: key, _version: 1 }, method === 'PUT' ? 200 : 201);
}

function demandDetector(detector: Doc): void {
  demandKeys(
    'detector',
    detector,
    [
      'type',
      'detector_type',
      'name',
      'enabled',
      'schedule',
      'inputs',
      'triggers',
      'last_update_time',
      'user',
    ],
    ['detector_type', 'name', 'schedule', 'inputs'],
  );
  for (const { detector_input: input } of detector.inputs as { detector_input: Doc }[]) {
    demandKeys(
      'detector_input',
      input,
      ['description', 'indices', 'custom_rules', 'pre_packaged_rules'],
      ['indices'],
    );
    if ((input.custom_rules as Doc[]).some(({ id }) => typeof id !== 'string'))
      throw new Refusal(400, 'custom_rules');
  }
}

function demandChannel(config: Doc): void {
  demandKeys(
    'config',
    config,
    ['name', 'description', 'config_type', 'is_enabled', 'active_response'],
    ['name', 'config_type', 'active_response'],
  );
  if (config.config_type !== 'active_response') throw new Refusal(400, 'config_type');
  const response = config.active_response as Doc;
  demandKeys(
    'active_response',
    response,
    ['type', 'stateful_timeout', 'executable', 'extra_args', 'location', 'agent_id'],
    ['type', 'executable', 'location'],
  );
  if (response.type === 'stateful' && !(Number(response.stateful_timeout) > 0))
    throw new Refusal(400, 'stateful_timeout');
  if (!['local', 'defined-agent', 'all'].includes(String(response.location)))
    throw new Refusal(400, 'location');
  if (response.location === 'defined-agent' && !/^\d+$/.test(String(response.agent_id)))
    throw new Refusal(400, 'agent_id');
}

/** The form of OpenSearch's errors. */
const refusal = (status: number, reason: string): Answer => ({
  status,
  body: { error: { root_cause: [], type: 'status_exception', reason }, status },
});
