import { EX, RiposteError } from '../../active-response/errors.ts';
import { HOME_OPTION, homeOf } from '../home.ts';
import { collect } from '../metrics/collect.ts';
import { muninConfig, muninValues } from '../metrics/munin.ts';
import type { Verb } from '../verb.ts';

/** riposte munin: a plugin for munin-node. */
export const munin: Verb = {
  summary: 'be a plugin for munin: who is blocked, blocks made, packets dropped',
  operands: '[config|autoconf]',
  options: { ...HOME_OPTION },
  notes:
    'By a link to it in /etc/munin/plugins, riposte is this verb. It must run as root, as journal and kernel are not for others to read: [riposte] and user root in a file of /etc/munin/plugin-conf.d. What is not known is U.',
  examples: [
    ['ln -s /usr/local/bin/riposte /etc/munin/plugins/riposte', 'three graphs under security'],
    ['riposte munin config', 'what munin is told of them'],
  ],

  async run(given, io) {
    const [what, ...more] = given.rest;
    if (more.length > 0 || (what !== undefined && what !== 'config' && what !== 'autoconf'))
      throw new RiposteError(
        EX.USAGE,
        `riposte munin takes config or autoconf, not '${given.rest.join(' ')}'`,
      );
    if (what === 'autoconf') {
      io.out('yes');
      return EX.OK;
    }
    if (what === 'config') {
      io.out(muninConfig());
      return EX.OK;
    }
    const warn = (message: string) => io.err(`riposte: ${message}\n`);
    const { families, failures } = await collect(homeOf(given, io), io.env, warn);
    io.out(muninValues(families));
    for (const { message } of failures) warn(message);
    return failures[0]?.exitCode ?? EX.OK;
  },
};
