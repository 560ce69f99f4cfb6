import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { EX, RiposteError } from '../base/errors.ts';
import type { Element } from '../engine/xml/element.ts';
import type { DesiredFile, DesiredFiles } from './desired-file.ts';
import type { ManagedTarget } from './install-target.ts';
import { clusterRoleIn } from './manager/cluster.ts';
import type { Manifest } from './manifest.ts';

/** The files of an installation in a cluster: a worker gets rules and decoders from its master. */
export interface ClusterFiles {
  readonly desired: DesiredFiles;
  /** The earlier installation, without the files that now come from the master. */
  readonly before: Manifest;
  readonly remarks: readonly string[];
}

/**
 * Leaves rules and decoders to the master of a cluster. The master copies its etc/rules and etc/decoders to the
 * workers, and removes the workers' own files there. If a worker installed such files itself, a rule could name a
 * decoder that the master has removed, and analysisd would not start.
 *
 * @param roots the root elements of ossec.conf; none for an agent
 * @param isWorker true when the operator knows that this is a worker
 * @throws RiposteError (USAGE) without --worker on a worker, and with --worker on any other host; (CONFIG) when the
 * master has not yet copied the rules
 */
export function filesInCluster(
  { home, inside }: ManagedTarget,
  roots: readonly Element[],
  isWorker: boolean,
  desired: DesiredFiles,
  before: Manifest,
): ClusterFiles {
  const role = clusterRoleIn(roots.flatMap(({ children }) => children));
  if (role !== 'worker') {
    if (isWorker)
      throw new RiposteError(
        EX.USAGE,
        `--worker: in ${home.ossecConf}, this host is ${role === 'master' ? 'the master' : 'not a worker'} of a cluster; nothing was changed`,
      );
    return { desired, before, remarks: role === 'master' ? [OF_MASTER] : [] };
  }
  if (!isWorker)
    throw new RiposteError(
      EX.USAGE,
      `${home.ossecConf} makes this host a worker of a cluster: it gets rules and decoders from the master, and loses all others. Install on the master first, then run riposte install --worker here; nothing was changed`,
    );
  const masters = desired.files.filter(({ path }) => isRuleset(path));
  const missing = masters.filter(({ path }) => !existsSync(path));
  if (missing.length > 0)
    throw new RiposteError(
      EX.CONFIG,
      `the master has not copied ${missing.map(({ path }) => path).join(', ')} yet. Install the same version on the master, with the same options, wait a minute, and try again; nothing was changed`,
    );
  const paths = new Set(masters.map(({ path }) => inside(path)));
  const others = masters.filter((file) => !isSame(file));
  return {
    desired: { ...desired, files: desired.files.filter(({ path }) => !isRuleset(path)) },
    before: {
      ...before,
      files: Object.fromEntries(
        Object.entries(before.files).filter(([path]) => !paths.has(path) && !isRuleset(path)),
      ),
    },
    remarks: [
      'this host is a worker of a cluster: rules and decoders come from the master',
      ...(others.length > 0
        ? [
            `this host has another version of ${others.map(({ path }) => basename(path)).join(', ')}; install this version on the master`,
          ]
        : []),
    ],
  };
}

const OF_MASTER =
  'this host is the master of a cluster: it copies rules and decoders to its workers; when it has copied them, run riposte install --worker on each worker';

/** True for a file of rules or decoders of Wazuh. */
export const isRuleset = (path: string): boolean =>
  /\/etc\/(rules|decoders)\/(0000-)?riposte_[^/]*$/.test(path);

const isSame = ({ path, bytes }: DesiredFile): boolean => readFileSync(path).equals(bytes);
