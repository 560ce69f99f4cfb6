import type { Resource } from '../../install/wazuh5/pack.ts';
import type { Json } from '../../install/wazuh5/yaml.ts';
import { AUTHOR, INTEGRATION, REFERENCES } from './marks.ts';

/** Conditions on fields that hold together: a field, with its modifiers, and a value or a list of alternatives. */
export type Detection = Readonly<Record<string, string | readonly string[]>>;

/** A rule in Wazuh 5's Sigma form: its title is in `metadata`, and its product is the integration's title. */
export type SigmaRule = Resource;

interface RuleOptions {
  readonly title: string;
  readonly description: string;
  readonly level: 'informational' | 'low' | 'medium' | 'high' | 'critical';
  readonly detection: Readonly<Record<string, Json>>;
  readonly mitre?: { readonly [category: string]: readonly string[] };
}

export const sigmaRule = ({ title, description, level, detection, mitre }: RuleOptions): SigmaRule => ({
  metadata: { title, author: AUTHOR, description, references: REFERENCES, documentation: '' },
  enabled: true,
  status: 'stable',
  level,
  logsource: { product: INTEGRATION, category: 'webserver' },
  detection,
  ...(mitre === undefined ? {} : { mitre }),
});
