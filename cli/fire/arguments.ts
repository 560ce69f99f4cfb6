import { addressesIn, overlaps } from '../../active-response/address.ts';
import { EX, RiposteError } from '../../active-response/errors.ts';
import { sshPeer } from '../../active-response/guard/ssh-peer.ts';
import { printable } from '../../active-response/printable.ts';
import type { Protocol } from '../../active-response/protocol/request.ts';
import { seconds } from '../../active-response/settings/values.ts';
import { majorOf, managerAt } from '../manager/manager.ts';

export const PROTOCOLS = ['ossec', 'wazuh4', 'wazuh5'] as const satisfies readonly Protocol[];

/** The protocol of that name, or what the manager in `home` speaks. @throws RiposteError (USAGE) for another name */
export function protocolOf(name: string | undefined, home: string): Protocol {
  if (name === undefined) return spokenAt(home);
  const protocol = PROTOCOLS.find((each) => each === name);
  if (protocol !== undefined) return protocol;
  throw new RiposteError(
    EX.USAGE,
    `--protocol is one of ${PROTOCOLS.join(', ')}, not '${printable(name, 40)}'`,
  );
}

/** OSSEC's where there is no manager: it is what a person types. */
function spokenAt(home: string): Protocol {
  const manager = managerAt(home);
  if (manager?.kind !== 'wazuh') return 'ossec';
  return (majorOf(manager) ?? 4) >= 5 ? 'wazuh5' : 'wazuh4';
}

/** The value of an option that is a time. @throws RiposteError (USAGE) */
export function secondsOf(option: string, text: string): number {
  const value = seconds(text);
  if (value !== undefined) return value;
  throw new RiposteError(EX.USAGE, `--${option} is a time such as 10s or 5m, not '${printable(text, 40)}'`);
}

/**
 * A script cannot know under a manager who sits at the keyboard, so it would block whoever fires it.
 *
 * @throws RiposteError (DATAERR) for the address of one's own SSH login
 */
export function refuseOwnAddress(address: string, env: NodeJS.ProcessEnv): void {
  const [target] = addressesIn(address);
  const own = target && sshPeer(env, true).find((peer) => overlaps(peer, target));
  if (own) throw new RiposteError(EX.DATAERR, `you are logged in from ${own.text}; nothing was fired`);
}
