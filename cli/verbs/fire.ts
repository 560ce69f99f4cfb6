import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Home } from '../../active-response/home.ts';
import { PROTOCOLS } from '../../active-response/protocol/request.ts';
import { responseNamed } from '../../active-response/response/responses.ts';
import { EX, RiposteError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import { lengthOf, linesAddedTo } from '../fire/added-lines.ts';
import { protocolOf, refuseOwnAddress, secondsOf } from '../fire/arguments.ts';
import { programOf } from '../fire/messages.ts';
import { runScript } from '../fire/run-script.ts';
import { HOME_OPTION, homeOf } from '../options/home.ts';
import { demandRoot } from '../root.ts';
import type { Verb } from '../verb.ts';

/** riposte fire: runs an installed script as execd does, to test it without a manager. */
export const fire: Verb = {
  summary: 'run an installed response as the manager does, and show the messages',
  operands: 'RESPONSE ADDRESS',
  options: {
    protocol: {
      value: PROTOCOLS.join('|'),
      text: 'how to talk to it (default: as the installed manager does)',
    },
    delete: { text: 'make it unblock' },
    user: { value: 'NAME', text: 'the user that the alert names' },
    rule: { value: 'ID', text: 'the rule that fired' },
    timeout: { value: 'TIME', text: 'Wazuh 5 only: the time after which the manager would unblock' },
    wait: { value: 'TIME', text: 'kill the script when it takes longer (default 60s)' },
    ...HOME_OPTION,
  },
  notes: `riposte fire really blocks the address. Lines with -> go to the script, lines with <- come from its output, lines with !! from its standard error; lines after
active-responses.log: were added to that log meanwhile. The script gets the PATH of a service. The exit status is
the script's; ${EX.TEMPFAIL} when it took too long and was killed, ${EX.UNAVAILABLE} when it could not be run.`,
  examples: [
    ['riposte fire firewall-drop 203.0.113.7', 'block as agent_control -b does'],
    ['riposte fire firewall-drop 203.0.113.7 --delete', 'undo it'],
    ['riposte fire route-null 203.0.113.7 --protocol wazuh4', 'with the handshake of Wazuh 4'],
  ],

  async run(given, io) {
    const [name, address, another] = given.rest;
    if (name === undefined || address === undefined || another !== undefined)
      throw new RiposteError(
        EX.USAGE,
        'fire needs a response and an address: fire firewall-drop 203.0.113.7',
      );
    const script = `${responseNamed(name).name}.js`;
    const home = homeOf(given, io);
    const protocol = protocolOf(given.value('protocol'), home.root);
    const timeout = given.value('timeout');
    if (timeout !== undefined && protocol !== 'wazuh5')
      throw new RiposteError(EX.USAGE, `--timeout is for wazuh5: ${protocol} passes no timeout to a script`);
    const request = {
      script,
      isDelete: given.flag('delete'),
      address,
      user: given.value('user'),
      rule: given.value('rule'),
      timeout: timeout === undefined ? undefined : secondsOf('timeout', timeout),
    };
    const timeLimit = secondsOf('wait', given.value('wait') ?? '60s');
    // Only root may read a manager's directories.
    demandRoot('fire');
    mustBeInstalled(home, script);
    if (!request.isDelete) refuseOwnAddress(address, io.env);
    const before = lengthOf(home.activeResponsesLog);
    const { status, why, hasTimedOut } = await runScript(
      home.root,
      protocol,
      request,
      timeLimit,
      (direction, line) => io.out(`${direction} ${printable(line, SHOWN)}`),
    );
    io.out(why === undefined ? `exit status ${status}` : `${script} ${why}`);
    for (const line of linesAddedTo(home.activeResponsesLog, before))
      io.out(`active-responses.log: ${printable(line, SHOWN)}`);
    return hasTimedOut ? EX.TEMPFAIL : (status ?? EX.UNAVAILABLE);
  },
};

/** The longest line that is shown, in characters. */
const SHOWN = 8192;

function mustBeInstalled(home: Home, script: string): void {
  const path = join(home.root, programOf(script));
  if (statSync(path, { throwIfNoEntry: false })?.isFile()) return;
  throw new RiposteError(
    EX.UNAVAILABLE,
    `there is no ${path}: install Riposte there, or name its home by --home`,
  );
}
