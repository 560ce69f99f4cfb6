import { isHost } from '../../../base/address.ts';
import { EX, RiposteError } from '../../../base/errors.ts';
import type { Executor } from '../../../base/execute.ts';
import { oneByOne } from '../apply-many.ts';
import type { Backend, Change } from '../backend.ts';
import { mapFile } from '../deny-file/map-file.ts';
import type { InForce } from '../in-force.ts';

const HEADER =
  '# Addresses that Apache denies (RewriteMap, see httpd.conf.d/deny-map.conf). Riposte edits this file.\n';

/**
 * A RewriteMap text file, which Apache reads again as soon as its modification time differs.
 *
 * @param entries the addresses in the ledger, with which a missing file is created
 */
export function apacheMap(file: string, entries: () => Iterable<string>): Backend {
  const map = mapFile({ file, setting: 'APACHE_FILE', kind: 'RewriteMap', header: HEADER }, entries);
  const apply = ({ verb, address }: Change, executor: Executor) => {
    if (!isHost(address) && verb === 'block') {
      throw new RiposteError(
        EX.CONFIG,
        `${address.text}: a RewriteMap holds no prefixes; set APACHE_DENY=apache24, with a file of its own`,
      );
    }
    if (verb === 'block')
      executor.edit(`append '${address.text} deny' to ${file}`, () => map.deny([address.text]));
    else executor.edit(`comment out ${address.text} in ${file}`, () => map.allow([address.text]));
  };
  return {
    name: 'map',
    apply,
    applyAll(changes, executor) {
      const isSingle = ({ verb, address }: Change) =>
        executor.dryRun || (verb === 'block' && !isHost(address));
      const many = changes.filter((change) => !isSingle(change));
      const textsOf = (verb: Change['verb']) =>
        many.filter((change) => change.verb === verb).map(({ address }) => address.text);
      const [blocked, unblocked] = [textsOf('block'), textsOf('unblock')];
      if (blocked.length > 0) map.deny(blocked);
      if (unblocked.length > 0) map.allow(unblocked);
      return oneByOne(changes.filter(isSingle), (change) => apply(change, executor));
    },
    tidy: (executor) => (executor.dryRun ? [] : map.compact()),
    list: () => new Map(map.list().map((address): [string, InForce] => [address, {}])),
  };
}
