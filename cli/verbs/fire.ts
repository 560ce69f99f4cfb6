import { statSync } from 'node:fs';
import { join } from 'node:path';
import { EX, RiposteError } from '../../active-response/errors.ts';
import type { Home } from '../../active-response/home.ts';
import { printable } from '../../active-response/printable.ts';
import { responseNamed } from '../../active-response/response/responses.ts';
import { lengthOf, linesAddedTo } from '../fire/added-lines.ts';
import { PROTOCOLS, protocolOf, refuseOwnAddress, secondsOf } from '../fire/arguments.ts';
import { programOf } from '../fire/messages.ts';
import { runScript } from '../fire/run-script.ts';
import { HOME_OPTION, homeOf } from '../home.ts';
import { demandRoot } from '../root.ts';
import type { Verb } from '../verb.ts';

/** riposte fire: what execd does, so that an installed script can be tried without a manager. */
export const fire: Verb = {
  summary: 'run an installed response as the manager does, and show the messages',
  operands: 'RESPONSE ADDRESS',
  options: {
    protocol: {
      value: PROTOCOLS.join('|'),
      text: 'how to talk to it (default: as the installed manager does)',
    },
    delete: { text: 'have it unblock' },
    user: { value: 'NAME', text: 'the user that the alert names' },
    rule: { value: 'ID', text: 'the rule that fired' },
    timeout: { value: 'TIME', text: 'Wazuh 5 only: after how long the manager would unblock' },
    wait: { value: 'TIME', text: 'end the script when it takes longer (default 60s)' },
    ...HOME_OPTION,
  },
  notes: `It really blocks. Lines -> are what the script is given, <- what it writes, !! what it says on standard error; the
lines behind active-responses.log are those that were added to it meanwhile. The script gets the PATH of a
service. The exit status is the script's; ${EX.TEMPFAIL} when it took too long and was ended, ${EX.UNAVAILABLE} when it could not be run.`,
  examples: [
    ['riposte fire firewall-drop 203.0.113.7', 'as agent_control -b does'],
    ['riposte fire firewall-drop 203.0.113.7 --delete', 'and undo it'],
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
      throw new RiposteError(EX.USAGE, `--timeout is for wazuh5: ${protocol} does not tell it to a script`);
    const shot = {
      script,
      isDelete: given.flag('delete'),
      address,
      user: given.value('user'),
      rule: given.value('rule'),
      timeout: timeout === undefined ? undefined : secondsOf('timeout', timeout),
    };
    const patience = secondsOf('wait', given.value('wait') ?? '60s');
    // Others may not even look into a manager's directories.
    demandRoot('fire');
    mustBeInstalled(home, script);
    if (!shot.isDelete) refuseOwnAddress(address, io.env);
    const before = lengthOf(home.activeResponsesLog);
    const { status, why, hasTimedOut } = await runScript(
      home.root,
      protocol,
      shot,
      patience,
      (direction, line) => io.out(`${direction} ${printable(line, SHOWN)}`),
    );
    io.out(why === undefined ? `exit status ${status}` : `${script} ${why}`);
    for (const line of linesAddedTo(home.activeResponsesLog, before))
      io.out(`active-responses.log: ${printable(line, SHOWN)}`);
    return hasTimedOut ? EX.TEMPFAIL : (status ?? EX.UNAVAILABLE);
  },
};

/** How much of a line is shown, in characters. */
const SHOWN = 8192;

function mustBeInstalled(home: Home, script: string): void {
  const path = join(home.root, programOf(script));
  if (statSync(path, { throwIfNoEntry: false })?.isFile()) return;
  throw new RiposteError(
    EX.UNAVAILABLE,
    `there is no ${path}: install Riposte there, or say where by --home`,
  );
}
