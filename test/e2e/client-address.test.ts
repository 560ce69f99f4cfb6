import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { apacheConfiguration } from '../../logs/configuration/apache.ts';
import { unsafeRealIp } from '../../logs/configuration/real-ip.ts';
import { startApache } from '../lab/apache.ts';
import { allOnOneNetwork } from '../lab/fixtures.ts';
import { ADDRESS, type Network } from '../lab/network.ts';
import { eventually } from '../lab/server.ts';
import { labSuite } from '../lab/suite.ts';
import { hostWith } from '../logs/configuration/fake-host.ts';

/** Compares the address in the log of a real Apache with doctor's findings in Apache's configuration. */
const test = labSuite('the client’s address behind mod_remoteip', 'apache2');
const { attacker, visitor } = ADDRESS;
const THIRD_PARTY = '198.51.100.99';
const LOG = 'LogFormat "%a %l %u %t \\"%r\\" %>s %b" combined\nRemoteIPHeader X-Forwarded-For\n';

let network: Network;
allOnOneNetwork(test, (made) => {
  network = made;
});

/** The address that Apache logs for the attacker, and the number of unsafe directives. */
async function logged(directives: string): Promise<{ address: string | undefined; unsafe: number }> {
  const apache = await startApache(network.web, `${LOG}${directives}`);
  try {
    const url = `http://${ADDRESS.web}/page`;
    const from = ['--silent', '--max-time', '20', '--interface', attacker];
    await network.outside.start(['curl', ...from, '--header', `X-Forwarded-For: ${THIRD_PARTY}`, url], {});
    const log = join(apache.directory, 'access.log');
    let text = '';
    await eventually('the request is logged', async () => {
      text = await readFile(log, 'latin1');
      return text.includes('/page');
    });
    const main = '/etc/apache2/apache2.conf';
    const configuration = apacheConfiguration(hostWith({ [main]: await readFile(apache.config, 'utf8') }));
    if (configuration === undefined) throw new Error('no Apache was found');
    return { address: text.split(' ')[0], unsafe: unsafeRealIp(configuration).length };
  } finally {
    await apache.stop();
  }
}

test('finds the unsafe directive when no proxy is named and the attacker chooses the address', async () => {
  assert.equal(await logged(''), { address: THIRD_PARTY, unsafe: 1 });
  assert.equal(await logged('RemoteIPTrustedProxy 0.0.0.0/1 128.0.0.0/1'), {
    address: THIRD_PARTY,
    unsafe: 1,
  });
});

test('finds nothing unsafe when the attacker is not the configured proxy', async () => {
  assert.equal(await logged(`RemoteIPInternalProxy ${visitor}`), { address: attacker, unsafe: 0 });
});

test.run();
