import type { Element } from '../../engine/xml/element.ts';

/** The role of a Wazuh manager in a cluster. */
export type ClusterRole = 'master' | 'worker';

/**
 * Reads `<cluster>` of ossec.conf; undefined without an enabled cluster. The last of several values counts, and
 * without `disabled` a cluster is enabled (framework/wazuh/core/cluster/utils.py of 4.14.7).
 *
 * @param elements the children of the root elements
 */
export function clusterRoleIn(elements: readonly Element[]): ClusterRole | undefined {
  const clusters = elements.filter(({ name }) => name === 'cluster');
  if (clusters.length === 0) return undefined;
  const last = (wanted: string) =>
    clusters
      .flatMap(({ children }) => children)
      .findLast(({ name }) => name === wanted)
      ?.text.trim();
  if (last('disabled') === 'yes') return undefined;
  return last('node_type') === 'worker' ? 'worker' : 'master';
}
