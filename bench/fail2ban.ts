import { existsSync } from 'node:fs';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { request } from '../test/lab/access-log.ts';
import { eventually } from '../test/lab/server.ts';
import type { Subject } from './time-to-block.ts';

/** The directory of Debian's unpacked package; empty when it is installed. */
const { FAIL2BAN = '' } = process.env;
const server = join(FAIL2BAN || '/', 'usr/bin/fail2ban-server');

/** Debian's fail2ban with its filter apache-badbots, banning at the first match, and its action for nftables. */
export const fail2ban: Subject = {
  name: 'fail2ban',
  isMissing: () => (existsSync(server) ? undefined : 'fail2ban is not installed (FAIL2BAN=DIR)'),
  start: async (at, log) => {
    if (!at.host) throw new Error('fail2ban needs a host of its own');
    const conf = join(at.home, 'fail2ban');
    const ownLog = join(at.home, 'fail2ban.log');
    await cp(join(FAIL2BAN || '/', 'etc/fail2ban'), conf, { recursive: true });
    await rm(join(conf, 'jail.d'), { recursive: true, force: true });
    await writeFile(
      join(conf, 'jail.local'),
      `[apache-badbots]\nenabled = true\nlogpath = ${log}\nmaxretry = 1\nbanaction = nftables-allports\n`,
    );
    // Without this setting fail2ban would restore the bans of an earlier run from /var/lib.
    await writeFile(join(conf, 'fail2ban.local'), '[Definition]\ndbfile = None\n');
    const files = ['-c', conf, '-s', join(at.home, 'f2b.sock'), '-p', join(at.home, 'f2b.pid')];
    const words = ['/usr/bin/python3', server, ...files, '--logtarget', ownLog, '-f', 'start'];
    const running = at.host.start(words, {
      buffer: false,
      env: { PYTHONPATH: FAIL2BAN && join(FAIL2BAN, 'usr/lib/python3/dist-packages') },
    });
    const isReady = async () =>
      /Jail 'apache-badbots' started/.test(await readFile(ownLog, 'utf8').catch(() => ''));
    await eventually('fail2ban runs', isReady);
    return {
      end: () => {
        running.kill('SIGTERM');
        return running;
      },
      said: () => readFile(ownLog, 'utf8'),
    };
  },
  attack: (source) => request(source, '/', 200, Date.now(), 'EmailCollector'),
};
