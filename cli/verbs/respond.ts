import { EX } from '../../base/errors.ts';
import { Daemon } from '../../daemon/daemon.ts';
import { raisePriority } from '../../daemon/priority.ts';
import { notifySystemd } from '../../serve/systemd.ts';
import { HOME_OPTION, homeOf } from '../options/home.ts';
import { originOf } from '../origin.ts';
import type { Verb } from '../verb.ts';

/** riposte respond: handles the scripts' requests, so that an alert starts no Node. */
export const respond: Verb = {
  summary: 'handle the requests of a manager’s scripts, so that an alert starts no Node',
  operands: '',
  isLasting: true,
  options: HOME_OPTION,
  notes:
    'The scripts pass their requests to this process, which is already started and makes many changes in one transaction; when this process is stopped or hung, the scripts do the work themselves. riposte serve does the same beside its own work.',
  examples: [['riposte respond', 'handle requests until SIGTERM']],

  async run(given, io) {
    const home = homeOf(given, io);
    const say = (text: string) => io.out(text);
    raisePriority('this process');
    const stopped = new Promise<string>((resolve) => {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
    });
    const daemon = await Daemon.start(home, io.program, say);
    say(
      `riposte respond, started from ${originOf(io.env, io.isTerminal)}, answers the scripts of ${home.root}`,
    );
    await notifySystemd('--ready', io);
    say(`ended by ${await stopped}`);
    await notifySystemd('--stopping', io);
    say(`${await daemon.close()} requests answered`);
    return EX.OK;
  },
};
