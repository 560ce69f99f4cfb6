import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Document, Pack, Resource } from '../../install/wazuh5/pack.ts';
import { toYaml } from '../../install/wazuh5/yaml.ts';
import { signatureList } from '../../judgement/signatures/list/index.ts';
import { decoders, rootDecoder } from './decoders.ts';
import { logtestSamples } from './logtest-samples.ts';
import { AUTHOR, CATEGORY, CHANNEL_ID, INTEGRATION, MADE, REFERENCES } from './marks.ts';
import { ownRules } from './own-rules.ts';
import { requestRules } from './request-rules.ts';

/** @param version of Riposte */
export function packOf(version: string): Pack {
  const { rules } = requestRules(signatureList());
  return {
    version,
    integration: {
      metadata: {
        title: INTEGRATION,
        author: AUTHOR,
        description: 'Alerts and responses of Riposte, and requests that each cause a block.',
        documentation: `Riposte ${version}`,
        references: REFERENCES,
      },
      category: CATEGORY,
      enabled: true,
    },
    rootDecoder: rootDecoder(),
    decoders: decoders(),
    rules: [...ownRules(), ...rules],
    logtest: logtestSamples(),
    detector: DETECTOR,
    channel: CHANNEL,
    monitor: MONITOR,
  };
}

/** Runs the rules on the events, and writes findings. */
const DETECTOR = {
  type: 'detector',
  detector_type: INTEGRATION,
  name: INTEGRATION,
  enabled: true,
  schedule: { period: { interval: 1, unit: 'MINUTES' } },
  inputs: [
    {
      detector_input: {
        description: `Riposte's rules. ${MADE}`,
        indices: [`wazuh-events-v5-${CATEGORY}`],
        custom_rules: [],
        pre_packaged_rules: [],
      },
    },
  ],
  triggers: [],
} as const satisfies Document;

/** An active response. Options of the install choose its program, its time and its location. */
const CHANNEL = {
  config: {
    name: 'riposte: block',
    description: `Blocks the source of a finding. ${MADE}`,
    config_type: 'active_response',
    is_enabled: true,
    active_response: {
      type: 'stateful',
      stateful_timeout: 600,
      executable: 'firewall-drop.js',
      extra_args: '',
      location: 'local',
    },
  },
} as const satisfies Document;

const QUERY = 'riposte-block';

/** Sends each finding of Riposte's rules with level high or critical to the channel. */
const MONITOR = {
  type: 'monitor',
  name: 'riposte: block',
  monitor_type: 'active_response_monitor',
  enabled: true,
  schedule: { period: { interval: 1, unit: 'MINUTES' } },
  inputs: [
    {
      doc_level_input: {
        description: `Findings of Riposte's rules that name a source. ${MADE}`,
        indices: [`wazuh-findings-v5-${CATEGORY}*`],
        queries: [
          {
            id: QUERY,
            name: QUERY,
            query: `wazuh.integration.name:"${INTEGRATION}" AND wazuh.rule.level:("high" OR "critical")`,
            fields: [],
            tags: [],
          },
        ],
      },
    },
  ],
  triggers: [
    {
      document_level_trigger: {
        name: QUERY,
        severity: '1',
        condition: { script: { source: `query[name=${QUERY}]`, lang: 'painless' } },
        actions: [
          {
            name: QUERY,
            destination_id: CHANNEL_ID,
            message_template: { source: '{{ctx.alerts.0.related_doc_ids}}', lang: 'mustache' },
            subject_template: { source: 'Alerting Active Response action', lang: 'mustache' },
            throttle_enabled: false,
            action_execution_policy: { action_execution_scope: { per_alert: { actionable_alerts: [] } } },
          },
        ],
      },
    },
  ],
} as const satisfies Document;

/** Writes the pack for the command, and its parts for people. @returns the paths */
export async function writeWazuh5Pack(outdir: string, version: string): Promise<string[]> {
  const pack = packOf(version);
  const target = join(outdir, 'wazuh5');
  await rm(target, { recursive: true, force: true });
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  const files = new Map([
    ['pack.json', JSON.stringify(pack)],
    ['integration.json', json({ resource: pack.integration })],
    ...[pack.rootDecoder, ...pack.decoders].map(
      (decoder) => [`decoders/${nameOf(decoder)}.yml`, `${toYaml(decoder)}\n`] as const,
    ),
    ...pack.rules.map(
      (rule) => [`rules/${fileName(rule.metadata.title)}.json`, json({ resource: rule })] as const,
    ),
    ['detector.json', json(pack.detector)],
    ['channel.json', json(pack.channel)],
    ['monitor.json', json(pack.monitor)],
  ]);
  for (const directory of ['decoders', 'rules']) await mkdir(join(target, directory), { recursive: true });
  for (const [path, text] of files) await writeFile(join(target, path), text);
  return [...files.keys()].map((path) => join(target, path));
}

const nameOf = ({ name }: Resource): string => String(name).split('/')[1] ?? '';

const fileName = (title: string): string =>
  title
    .replace(/^Riposte: /, '')
    .replace(/\W+/g, '-')
    .replace(/-$/, '');
