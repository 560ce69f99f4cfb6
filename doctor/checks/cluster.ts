import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isRuleset } from '../../install/cluster.ts';
import { clusterRoleIn } from '../../install/manager/cluster.ts';
import { readManifest } from '../../install/manifest.ts';
import { ok, problem, warning } from '../finding.ts';
import { neededRules } from '../our-rules.ts';
import type { Check } from './check.ts';

/** Checks that a worker of a Wazuh cluster has its rules from the master, which removes all other rules. */
export const cluster: Check = ({ conf, decides, dialect, home }) => {
  if (!decides || dialect !== 'wazuh' || conf === undefined) return [];
  const role = clusterRoleIn(conf.elements);
  if (role === undefined) return [];
  if (role === 'master')
    return [ok('this host is the master of a cluster: it copies rules and decoders to its workers')];
  const missing = neededRules(dialect).filter((name) => !existsSync(join(home.root, 'etc/rules', name)));
  if (missing.length > 0)
    return [
      problem(
        `this host is a worker of a cluster, and the master has not copied ${missing.join(', ')} to it`,
        'riposte install on the master, then riposte install --worker here',
      ),
    ];
  const own = Object.keys(readManifest(home)?.files ?? {}).filter(isRuleset);
  if (own.length > 0)
    return [
      warning(
        `this host is a worker of a cluster: the master removes ${basename(own[0] ?? '')} and other files that Riposte has installed here`,
        'riposte install on the master, then riposte install --worker here',
      ),
    ];
  return [ok('this host is a worker of a cluster: rules and decoders come from the master')];
};
