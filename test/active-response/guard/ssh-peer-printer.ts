/**
 * A child of ssh-peer.test.ts: prints the SSH peer that it finds. The argument `terminal` simulates a terminal.
 */
import { sshPeer } from '../../../active-response/guard/ssh-peer.ts';

console.log(
  sshPeer(process.env, process.argv[2] === 'terminal')
    .map(({ text }) => text)
    .join(),
);
