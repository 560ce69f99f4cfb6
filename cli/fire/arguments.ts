import { sshPeer } from '../../active-response/guard/ssh-peer.ts';
import { PROTOCOLS, type Protocol } from '../../active-response/protocol/request.ts';
import { seconds } from '../../active-response/settings/values.ts';
import { addressesIn, overlaps } from '../../base/address.ts';
import { EX, RiposteError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import { majorOf, managerAt } from '../../install/manager/manager.ts';

/** The protocol of this name; without a name, the protocol of the manager in `home`. @throws RiposteError (USAGE) */
export function protocolOf(name: string | undefined, home: string): Protocol {
  if (name === undefined) return protocolOfManager(home);
  const protocol = PROTOCOLS.find((each) => each === name);
  if (protocol !== undefined) return protocol;
  throw new RiposteError(
    EX.USAGE,
    `--protocol is one of ${PROTOCOLS.join(', ')}, not '${printable(name, 40)}'`,
  );
}

/** The protocol of the installed manager. Without a manager, the protocol of OSSEC, whose form operators type. */
function protocolOfManager(home: string): Protocol {
  const manager = managerAt(home);
  if (manager?.kind !== 'wazuh') return 'ossec';
  return (majorOf(manager) ?? 4) >= 5 ? 'wazuh5' : 'wazuh4';
}

/** Parses an option's duration. @throws RiposteError (USAGE) */
export function secondsOf(option: string, text: string): number {
  const value = seconds(text);
  if (value !== undefined) return value;
  throw new RiposteError(EX.USAGE, `--${option} is a time such as 10s or 5m, not '${printable(text, 40)}'`);
}

/**
 * Refuses the operator's own address: a script that runs as if a manager had started it cannot know the operator's
 * login, and would block it.
 *
 * @throws RiposteError (DATAERR) for the address of the operator's SSH login
 */
export function refuseOwnAddress(address: string, env: NodeJS.ProcessEnv): void {
  const [target] = addressesIn(address);
  const own = target && sshPeer(env, true).find((peer) => overlaps(peer, target));
  if (own) throw new RiposteError(EX.DATAERR, `you are logged in from ${own.text}; nothing was fired`);
}
