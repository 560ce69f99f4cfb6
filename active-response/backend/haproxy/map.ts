import { counted } from '../../../base/counted.ts';
import { attempt, EX, RiposteError } from '../../../base/errors.ts';
import type { Executor } from '../../../base/execute.ts';
import type { Backend, Change } from '../backend.ts';
import { agree, type Editing } from '../deny-file/compact-map.ts';
import { mapFile } from '../deny-file/map-file.ts';
import type { InForce } from '../in-force.ts';

const HEADER =
  '# Addresses that HAProxy denies (map, see haproxy.cfg.d/deny-map.cfg). Riposte edits this file.\n';

/** If there are at least this many changes, replace the whole map: one commit then makes all of them. */
const MANY = 50;

/**
 * The longest text of one request, in bytes: HAProxy reads a request into one buffer (tune.bufsize, by default 16 KiB).
 */
const LONGEST = 8000;

/** Sends requests to HAProxy, and returns its answers. @throws RiposteError when it does not answer */
export type Ask = (requests: readonly string[]) => string[];

/**
 * A map of HAProxy: the entries of the running process, changed through its runtime socket, and the file that HAProxy
 * reads at a reload or a restart.
 *
 * Source: https://docs.haproxy.org/2.6/management.html#9.3
 *
 * @param entries the addresses and prefixes in the ledger
 */
export function haproxyMap(file: string, entries: () => Iterable<string>, ask: Ask): Backend {
  const inFile = mapFile({ file, setting: 'HAPROXY_FILE', kind: 'map', header: HEADER }, entries);
  const running = runningMap(file, ask);
  const applyAll = (changes: readonly Change[], executor: Executor) => {
    const of = (verb: Change['verb']) =>
      changes.filter((change) => change.verb === verb).map(({ address }) => address.text);
    const [blocked, unblocked] = [of('block'), of('unblock')];
    const change = ({ deny, allow }: Editing) => {
      if (blocked.length > 0) deny(blocked);
      if (unblocked.length > 0) allow(unblocked);
    };
    const what = [...blocked.map((each) => `add ${each}`), ...unblocked.map((each) => `remove ${each}`)];
    executor.edit(`change ${file} and the map of the running HAProxy: ${what.join(', ')}`, () => {
      // If the file cannot be changed, the running HAProxy must still block.
      const error = attempt(() => change(inFile));
      if (changes.length < MANY) change(running);
      else replaceAll(file, entries, running, ask);
      if (error instanceof RiposteError) throw error;
    });
  };
  return {
    name: 'haproxy',
    apply: (change, executor) => applyAll([change], executor),
    applyAll(changes, executor) {
      applyAll(changes, executor);
      return new Map();
    },
    tidy(executor) {
      if (executor.dryRun) return [];
      const differing = differences(new Set(inFile.list()), new Set(entries()));
      agree(differing, inFile, entries);
      const corrected =
        differing.length === 0 ? [] : [`${file}: corrected ${counted(differing.length, 'entry', 'entries')}`];
      return [...corrected, ...inFile.compact()];
    },
    list: () =>
      new Map(keysIn(ask([`show map ${file}`])[0] ?? '', file).map((key): [string, InForce] => [key, {}])),
  };
}

/** The map of the running process. `add map` would add a second entry for a key, so `deny` tries `set map` first. */
const runningMap = (file: string, ask: Ask): Editing => ({
  deny(addresses) {
    const answers = ask(addresses.map((address) => `set map ${file} ${address} deny`));
    const missing = addresses.filter((_, index) => /not found/i.test(answers[index] ?? ''));
    const added = ask(missing.map((address) => `add map ${file} ${address} deny`));
    for (const answer of [...answers.filter((each) => !/not found/i.test(each)), ...added])
      demandNothing(answer, file);
  },
  allow(addresses) {
    for (const answer of ask(addresses.map((address) => `del map ${file} ${address}`)))
      if (!/not found/i.test(answer)) demandNothing(answer, file);
  },
});

/**
 * Replaces all entries at once by those of the ledger. If another process makes a single change meanwhile, that change
 * is lost with the old entries. So this function then applies the changes that were made to the ledger meanwhile.
 */
function replaceAll(file: string, entries: () => Iterable<string>, running: Editing, ask: Ask): void {
  const made = new Set(entries());
  const [said = ''] = ask([`prepare map ${file}`]);
  const version = /created: (\d+)/.exec(said)?.[1];
  if (version === undefined) throw refusal(said, file);
  const add = `add map @${version} ${file} <<\n`;
  for (const answer of ask([...chunks(made).map((lines) => add + lines), `commit map @${version} ${file}`]))
    demandNothing(answer, file);
  agree(differences(made, new Set(entries())), running, entries);
}

/** Splits the lines of a map into parts that fit into one request each. An empty line ends each request. */
function chunks(addresses: Iterable<string>): string[] {
  const parts: string[] = [];
  let part = '';
  for (const address of addresses) {
    if (part.length > LONGEST) {
      parts.push(part);
      part = '';
    }
    part += `${address} deny\n`;
  }
  return part === '' ? parts : [...parts, part];
}

const differences = (a: ReadonlySet<string>, b: ReadonlySet<string>): string[] =>
  [...new Set([...a, ...b])].filter((each) => a.has(each) !== b.has(each));

/** The keys in the answer to `show map`. Each line is an entry’s reference, key and value. */
function keysIn(said: string, file: string): string[] {
  const lines = said.split('\n').filter((each) => each.trim() !== '');
  return lines.map((each) => {
    const [, key] = /^0x[\da-f]+ (\S+)/.exec(each) ?? [];
    if (key === undefined) throw refusal(each, file);
    return key;
  });
}

function demandNothing(answer: string, file: string): void {
  if (answer.trim() !== '') throw refusal(answer, file);
}

function refusal(answer: string, file: string): RiposteError {
  const [said = ''] = answer.trim().split('\n');
  if (/unknown map/i.test(said))
    return new RiposteError(
      EX.UNAVAILABLE,
      `HAProxy has no map ${file}; name it in haproxy.cfg as haproxy.cfg.d/deny-map.cfg does, and reload HAProxy`,
    );
  return new RiposteError(EX.UNAVAILABLE, said ? `HAProxy: ${said}` : 'HAProxy sent an empty answer');
}
