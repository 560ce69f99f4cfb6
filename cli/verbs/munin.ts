import { EX, RiposteError } from '../../base/errors.ts';
import { collect } from '../../metrics/collect.ts';
import { muninConfig, muninValues } from '../../metrics/munin.ts';
import { HOME_OPTION, homeOf } from '../options/home.ts';
import type { Verb } from '../verb.ts';

/** riposte munin: a plugin for munin-node. */
export const munin: Verb = {
  summary: 'act as a munin plugin: addresses blocked, blocks made, packets dropped',
  operands: '[config|autoconf]',
  options: { ...HOME_OPTION },
  notes:
    'A link to riposte in /etc/munin/plugins runs this verb. It must run as root, because other accounts cannot read journal and kernel: put [riposte] and user root into a file of /etc/munin/plugin-conf.d. Unknown values are U.',
  examples: [
    ['ln -s /usr/local/bin/riposte /etc/munin/plugins/riposte', 'three graphs under security'],
    ['riposte munin config', 'print the configuration of the graphs'],
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
