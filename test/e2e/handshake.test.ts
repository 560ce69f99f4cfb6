import * as assert from 'uvu/assert';
import { runWithArguments, runWithMessage } from '../lab/execd.ts';
import { Installation } from '../lab/installation.ts';
import { wazuh4, wazuh4AgentControl, wazuh5 } from '../lab/managers.ts';
import { ADDRESS, createNetwork, type Network } from '../lab/network.ts';
import { INTERPRETERS, labSuite } from '../lab/suite.ts';

for (const [name, node] of INTERPRETERS) {
  for (const response of ['firewall-drop', 'route-null', 'apache-deny']) {
    const test = labSuite(`${response} under Wazuh's execd on ${name}`, 'nft');
    const script = `${response}.js`;
    let network: Network;
    let at: Installation;

    test.before(async () => {
      network = await createNetwork();
    });
    test.after(() => network.remove());
    test.before.each(async () => {
      at = await Installation.create(network.web, node);
    });
    test.after.each(async () => {
      await runWithMessage(at, response, wazuh4('delete', ADDRESS.attacker));
      await at.remove();
    });

    const inForce = async () => {
      const { stdout } = await runWithArguments(at, response, ['--list']);
      return stdout.includes(`${ADDRESS.attacker} `) && / {2}yes {2}/.test(stdout);
    };
    const question = `{"version":1,"origin":{"name":"${script}","module":"active-response"},"command":"check_keys","parameters":{"keys":["${ADDRESS.attacker}"]}}`;

    test('continue: asks once with the address as key, and blocks', async () => {
      const { status, questions } = await runWithMessage(at, response, wazuh4('add', ADDRESS.attacker));
      assert.is(status, 0);
      assert.equal(questions, [question]);
      assert.ok(await inForce());
    });

    test('the key of an IPv4-mapped address is the IPv4 address', async () => {
      const { questions } = await runWithMessage(at, response, wazuh4('add', `::ffff:${ADDRESS.attacker}`));
      assert.equal(questions, [question]);
    });

    test('abort: an address that is not known stays as it is, and the exit status is 0', async () => {
      const { status } = await runWithMessage(at, response, wazuh4('add', ADDRESS.attacker), 'abort');
      assert.is(status, 0);
      assert.not(await inForce());
      assert.is((await at.journal()).at(-1)?.event, 'already');
    });

    test('abort: a block that is known lasts longer, as the timer of the manager does', async () => {
      await at.write('etc/shared/ar.conf', `block60 - ${script} - 60\n`);
      await runWithMessage(at, response, wazuh4('add', ADDRESS.attacker));
      const first = (await at.ledger(response, ADDRESS.attacker))?.until as string;
      await runWithMessage(at, response, wazuh4('add', ADDRESS.attacker), 'abort');
      const second = (await at.ledger(response, ADDRESS.attacker))?.until as string;
      assert.ok(second > first, `${second} after ${first}`);
      assert.is((await at.ledger(response, ADDRESS.attacker))?.offence, 1);
    });

    for (const reply of ['end', 'nothing'] as const) {
      test(`no answer (${reply}): blocks all the same, and says that there was none`, async () => {
        const { status } = await runWithMessage(at, response, wazuh4('add', ADDRESS.attacker), reply);
        assert.is(status, 0);
        assert.ok(await inForce());
        assert.match((await at.log()).at(-1) ?? '', 'the manager gave no answer');
      });
    }

    test('delete: says nothing on standard output, and unblocks', async () => {
      await runWithMessage(at, response, wazuh4('add', ADDRESS.attacker));
      const { status, questions } = await runWithMessage(at, response, wazuh4('delete', ADDRESS.attacker));
      assert.is(status, 0);
      assert.equal(questions, []);
      assert.not(await inForce());
    });

    test('an address that is never blocked is not asked for, so that execd keeps no key of it', async () => {
      const { status, questions } = await runWithMessage(at, response, wazuh4('add', '127.0.0.1'));
      assert.is(status, 0);
      assert.equal(questions, []);
    });

    test('agent_control -b: neither rule nor alert id', async () => {
      const { status } = await runWithMessage(at, response, wazuh4AgentControl(ADDRESS.attacker));
      assert.is(status, 0);
      assert.ok(await inForce());
    });

    test('Wazuh 5: enable and disable, and the time that a stateful response has', async () => {
      const { status, questions } = await runWithMessage(
        at,
        response,
        wazuh5('enable', ADDRESS.attacker, 600),
      );
      assert.is(status, 0);
      assert.equal(questions, [question]);
      assert.ok(await inForce());
      const { since, until } = (await at.ledger(response, ADDRESS.attacker)) as {
        since: string;
        until: string;
      };
      assert.is(Math.round((Date.parse(until) - Date.parse(since)) / 1000), 900);
      assert.is((await runWithMessage(at, response, wazuh5('disable', ADDRESS.attacker, 600))).status, 0);
      assert.not(await inForce());
    });

    test("Wazuh's extra_args and the command line's flags mean the same", async () => {
      const message = wazuh4('add', ADDRESS.attacker, ['--block-for', '1d,7d']);
      assert.is((await runWithMessage(at, response, message)).status, 0);
      const { since, until } = (await at.ledger(response, ADDRESS.attacker)) as {
        since: string;
        until: string;
      };
      assert.is(Math.round((Date.parse(until) - Date.parse(since)) / 1000), 86400);
    });

    test('a dry run by extra_args blocks nothing and puts into the log what it would run', async () => {
      const message = wazuh4('add', ADDRESS.attacker, ['--dry-run']);
      const { status, questions } = await runWithMessage(at, response, message);
      assert.is(status, 0);
      assert.equal(questions, [question]);
      assert.not(await inForce());
      assert.match((await at.log()).at(-1) ?? '', /"outcome":"rehearsed","reason":"dry run: would /);
    });

    test.run();
  }
}
