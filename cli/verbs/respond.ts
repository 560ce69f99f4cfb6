import { EX, RiposteError } from '../../active-response/errors.ts';
import { HOME_OPTION, homeOf } from '../home.ts';
import { originOf } from '../origin.ts';
import { goFirst } from '../resident/priority.ts';
import { Resident } from '../resident/resident.ts';
import { tellSystemd } from '../serve/systemd.ts';
import type { Verb } from '../verb.ts';

/** riposte respond: answers the scripts that a manager runs, so that an alert starts no Node. */
export const respond: Verb = {
  summary: 'answer the scripts that a manager runs, so that an alert starts no Node',
  operands: '',
  options: HOME_OPTION,
  notes:
    'The scripts hand what they are asked to this process, which needs no start of its own and makes many changes in one transaction; when it does not run, or stands still, they do the work themselves. riposte serve does the same beside its own work.',
  examples: [['riposte respond', 'stay and answer, until SIGTERM']],

  async run(given, io) {
    const home = homeOf(given, io);
    const say = (text: string) => io.out(text);
    goFirst('this process');
    const stopped = new Promise<string>((resolve) => {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
    });
    const resident = await Resident.start(home, io.program, say);
    if (!resident)
      throw new RiposteError(EX.TEMPFAIL, `another process answers the scripts of ${home.root} already`);
    say(
      `riposte respond, started from ${originOf(io.env, io.isTerminal)}, answers the scripts of ${home.root}`,
    );
    await tellSystemd('--ready', io);
    say(`ended by ${await stopped}`);
    await tellSystemd('--stopping', io);
    say(`${await resident.close()} requests answered`);
    return EX.OK;
  },
};
